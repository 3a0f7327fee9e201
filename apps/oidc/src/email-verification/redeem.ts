import { type AuditEntry, findAccountById, inAudit, redeemEmailVerification } from '@daytona-auth/db'
import type { Redemption, RedemptionOutcome } from '../invitation/redeem.ts'
import { digestOf } from '../provider/digest.ts'
import { type SignInDependencies, signIn } from '../sign-in/sign-in.ts'

/**
 * Verifies the address of an account by the token that was mailed there, and uses the token up. The password is asked
 * for as well: whoever made the account with somebody else's address may have had the mail sent, in wait for a click.
 */
export async function redeemVerification(
  dependencies: SignInDependencies,
  { token, ...credentials }: Redemption,
): Promise<RedemptionOutcome> {
  const outcome = await signIn(dependencies, { ...credentials, clientId: 'email-verification' })
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
    ipAddress: credentials.address,
    userAgent: credentials.userAgent,
    source: 'provider',
    metadata: { by: 'mail' },
  }
  const isRedeemed = await inAudit<boolean>(
    dependencies.database,
    (done) => (done ? entry : []),
    (tx) => redeemEmailVerification(tx, digestOf(token), account.userId),
  )
  return { kind: isRedeemed ? 'redeemed' : 'gone' }
}
