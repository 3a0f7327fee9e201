import type { Language } from '@daytona-auth/accounts/language/language'
import { digestOf } from '@daytona-auth/auth'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import { redeemInvitationToken } from '@daytona-auth/db/organizations'
import { findAccountById, redeemEmailVerification, redeemMailedToken } from '@daytona-auth/db/users'
import { stepAuthority } from '../interaction/step-authority.ts'
import { type SignInDependencies, signIn } from '../sign-in/sign-in.ts'

export interface Redemption {
  readonly token: string
  /** The address that the mail was sent to. */
  readonly email: string
  readonly password: string
  readonly address: string
  readonly userAgent: string | null
  /** The language of the page. */
  readonly language: Language
}

export type RedemptionOutcome =
  | { readonly kind: 'redeemed' }
  /** The token was used, replaced or has expired. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/** The mailed links that prove an address, and the statement that consumes each one's token. */
export const LINKS = {
  invitation: { by: 'invitation', use: redeemInvitationToken },
  'email-verification': { by: 'mail', use: redeemEmailVerification },
  recovery: {
    by: 'recovery',
    use: (tx: Parameters<typeof redeemMailedToken>[0], digest: Uint8Array, userId: UserId) =>
      redeemMailedToken(tx, 'recovery', digest, userId),
  },
} as const

export type MailedLinkKind = keyof typeof LINKS

/**
 * Verifies an account's address by the token mailed to it, and consumes the token. The password is required as well:
 * an attacker may have created the account and wait for the owner of the address to verify it.
 */
export async function redeemMailedLink(
  dependencies: SignInDependencies,
  link: Exclude<MailedLinkKind, 'recovery'>,
  attempt: Redemption,
): Promise<RedemptionOutcome> {
  const { by, use } = LINKS[link]
  const { token, ...credentials } = attempt
  const outcome = await signIn(dependencies, { ...credentials, clientId: link, isProofOnly: true })
  // The address is verified without a session, so that neither a second factor nor a certain provider is needed.
  if (outcome.kind === 'required') return { kind: 'wrong' }
  if (outcome.kind !== 'signed-in' && outcome.kind !== 'second-factor') return outcome
  const account = await findAccountById(dependencies.database, outcome.userId)
  if (!account) return { kind: 'gone' }
  const entry = auditEntry('user.verify_email', {
    organizationId: account.personalOrganizationId,
    actorId: account.userId,
    actorEmail: account.email,
    targetId: account.userId,
    statusCode: 200,
    ipAddress: attempt.address,
    userAgent: attempt.userAgent,
    source: 'provider',
    metadata: { by },
  })
  const isRedeemed = await inAudit<boolean>(
    dependencies.database,
    stepAuthority('mailed link', { userId: account.userId }),
    (done) => (done ? entry : []),
    (tx) => use(tx, digestOf(token), account.userId),
  )
  return { kind: isRedeemed ? 'redeemed' : 'gone' }
}
