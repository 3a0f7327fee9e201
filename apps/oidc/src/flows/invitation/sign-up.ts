import type { Language } from '@daytona-auth/accounts/language/language'
import { type AccountProblems, checkAccount } from '@daytona-auth/accounts/new-account'
import { digestOf } from '@daytona-auth/auth'
import { auditEntry, callerAuthority, inAudit } from '@daytona-auth/db/audit'
import { redeemInvitationToken } from '@daytona-auth/db/organizations'
import { type CreatedUser, insertUser } from '@daytona-auth/db/users'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { nameOfRequired } from '../mailed-link/name-of-required.ts'

export interface InvitedSignUp {
  readonly token: string
  /** The address that the invitation was sent to. */
  readonly email: string
  readonly name: string
  readonly password: string
  readonly address: string
  readonly userAgent: string | null
  /** The language of the page. */
  readonly language: Language
}

export type InvitedSignUpOutcome =
  | { readonly kind: 'signed-up' }
  /** The invitation was answered, replaced or has expired, or the address has an account now. */
  | { readonly kind: 'gone' }
  /** The organization of the address requires its identity provider, which creates the account: no password would open it. */
  | { readonly kind: 'required' }
  | { readonly kind: 'wrong'; readonly problems: AccountProblems }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/** Rolls a transaction back. */
class Gone extends Error {
  override readonly name = 'Gone'
}

/**
 * Creates an account for the address of an invitation, which its mailed token verifies and which the form cannot change. The
 * token is consumed with it; the person accepts the invitation in the dashboard. Counts as a sign-up, before its content is
 * checked.
 * @throws PasswordCheckOverloaded, HashingOverloaded
 */
export async function signUpInvited(
  { database, checker, hasher, limits }: InteractionContext,
  attempt: InvitedSignUp,
): Promise<InvitedSignUpOutcome> {
  const retryAfterSeconds = await limits.signUp(attempt.address)
  if (retryAfterSeconds !== undefined) return { kind: 'too-many', retryAfterSeconds }
  if (await nameOfRequired(database, attempt.email)) return { kind: 'required' }
  const { account, problems } = await checkAccount(attempt, checker)
  if (!account) return { kind: 'wrong', problems }
  const { name, email } = account
  const passwordHash = await hasher.hash(account.password)
  const digest = digestOf(attempt.token)
  try {
    await inAudit<CreatedUser>(
      database,
      // The token is the credential: the transaction consumes it, or changes nothing.
      callerAuthority('invitation link', async () => undefined),
      ({ userId, organizationId }) => {
        const facts = {
          organizationId,
          actorId: userId,
          actorEmail: email,
          targetId: userId,
          statusCode: 200,
          ipAddress: attempt.address,
          userAgent: attempt.userAgent,
          source: 'provider',
        }
        return [
          auditEntry('user.create', { ...facts, metadata: {} }),
          auditEntry('user.verify_email', { ...facts, metadata: { by: 'invitation' } }),
        ]
      },
      async (tx) => {
        const created = await insertUser(tx, { name, email, passwordHash, language: attempt.language })
        if (!created || !(await redeemInvitationToken(tx, digest, created.userId))) throw new Gone()
        return created
      },
    )
    return { kind: 'signed-up' }
  } catch (error) {
    if (error instanceof Gone) return { kind: 'gone' }
    throw error
  }
}
