import {
  type AuditEntry,
  findAccountById,
  inAudit,
  redeemEmailVerification,
  redeemInvitationToken,
} from '@daytona-auth/db'
import { digestOf } from '../../provider/storage/digest.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import { type SignInDependencies, signIn } from '../sign-in/sign-in.ts'

export interface Redemption {
  readonly token: string
  /** The address that the mail went to. */
  readonly email: string
  readonly password: string
  readonly address: string
  readonly userAgent: string | null
}

export type RedemptionOutcome =
  | { readonly kind: 'redeemed' }
  /** Used, renewed or over meanwhile. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/** The mails that verify an address by their link, and how each one's token is used up. */
const LINKS = {
  invitation: { by: 'invitation', use: redeemInvitationToken },
  'email-verification': { by: 'mail', use: redeemEmailVerification },
} as const

/**
 * Verifies the address of an account by the token that was mailed there, and uses the token up. The password is asked
 * for as well: an account may have been made by a stranger, in wait for the owner of the address to verify it for them.
 */
export async function redeem(
  dependencies: SignInDependencies,
  link: keyof typeof LINKS,
  attempt: Redemption,
): Promise<RedemptionOutcome> {
  const { by, use } = LINKS[link]
  const { token, ...credentials } = attempt
  const outcome = await signIn(dependencies, { ...credentials, clientId: link })
  if (outcome.kind !== 'signed-in') return outcome
  const account = await findAccountById(dependencies.database, outcome.userId)
  if (!account) return { kind: 'gone' }
  const entry: AuditEntry = {
    organizationId: account.personalOrganizationId,
    actorId: account.userId,
    actorEmail: account.email,
    action: 'user.verify_email',
    targetType: 'user',
    targetId: account.userId,
    statusCode: 200,
    ipAddress: attempt.address,
    userAgent: attempt.userAgent,
    source: 'provider',
    metadata: { by },
  }
  const isRedeemed = await inAudit<boolean>(
    dependencies.database,
    stepAuthority('mailed link', { userId: account.userId }),
    (done) => (done ? entry : []),
    (tx) => use(tx, digestOf(token), account.userId),
  )
  return { kind: isRedeemed ? 'redeemed' : 'gone' }
}
