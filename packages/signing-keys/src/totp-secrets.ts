import type { UserId } from '@daytona-auth/db/core'
import { createJsonEncryption } from './encrypt-json.ts'

/** Encrypts the secrets of authenticator apps for storage. */
export interface TotpSecrets {
  encrypt(userId: UserId, secret: string): Promise<string>
  /**
   * Returns the secret of an account and whether the first of the provider's secrets encrypted it. Undefined if none
   * decrypts it, or it is another account's: a copied row signs in to no other account.
   */
  decrypt(
    userId: UserId,
    encrypted: string,
  ): Promise<{ readonly secret: string; readonly isCurrent: boolean } | undefined>
}

/** Makes an encryption in which the first secret encrypts and each decrypts, as for the signing keys. */
export function createTotpSecrets(secrets: readonly [string, ...string[]]): TotpSecrets {
  const encryption = createJsonEncryption<{ readonly userId: UserId; readonly secret: string }>(
    secrets,
    'daytona-auth secrets of authenticator apps',
  )
  return {
    encrypt: (userId, secret) => encryption.encrypt({ userId, secret }),
    async decrypt(userId, encrypted) {
      const opened = await encryption.decrypt(encrypted)
      if (opened?.value.userId !== userId) return undefined
      return { secret: opened.value.secret, isCurrent: opened.isCurrent }
    },
  }
}
