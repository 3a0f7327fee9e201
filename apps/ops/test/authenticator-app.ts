import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import type { Database, UserId } from '@daytona-auth/db/core'
import { createUser, insertTotpFactor, replaceRecoveryCodes } from '@daytona-auth/db/users'
import { createTotpSecrets } from '@daytona-auth/signing-keys/totp-secrets'

/** Creates an account with an authenticator app, encrypted under the first of the secrets, and a recovery code. */
export async function withAuthenticatorApp(
  database: Database,
  secrets: readonly [string, ...string[]],
): Promise<UserId> {
  const account = { email: 'ada@example.com', name: 'Ada Lovelace', passwordHash: 'hash' }
  const created = await createUser(database, account, { source: 'test' })
  if (!created) throw new Error('the address is taken')
  const { userId } = created
  const secret = await createTotpSecrets(secrets).encrypt(userId, 'BASE32')
  await inAudit(database, systemAuthority('test'), [], async (tx) => {
    await insertTotpFactor(tx, userId, { secret, step: 0 })
    await replaceRecoveryCodes(tx, userId, [new Uint8Array(32)])
  })
  return userId
}
