import { type AuditEntry, findAccountById, inAudit, redeemInvitationToken } from '@daytona-auth/db'
import { digestOf } from '../provider/digest.ts'
import { type SignInDependencies, signIn } from '../sign-in/sign-in.ts'

export interface Redemption {
  readonly token: string
  /** The invited address. */
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

/**
 * Verifies the address of an account by the token that was mailed there, and uses the token up. The password is asked
 * for as well: an account may have been made by a stranger, in wait for the owner of the address to verify it for them.
 */
export async function redeem(dependencies: SignInDependencies, attempt: Redemption): Promise<RedemptionOutcome> {
  const { token, ...credentials } = attempt
  const outcome = await signIn(dependencies, { ...credentials, clientId: 'invitation' })
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
    metadata: { by: 'invitation' },
  }
  const isRedeemed = await inAudit<boolean>(
    dependencies.database,
    (done) => (done ? entry : []),
    (tx) => redeemInvitationToken(tx, digestOf(token), account.userId),
  )
  return { kind: isRedeemed ? 'redeemed' : 'gone' }
}
