import type { RegistryId } from '@daytona-auth/db/core'
import { sealedSecrets } from './sealed-secrets.ts'

/** Encrypts passwords of registries for storage in the database. */
export interface RegistryPasswords {
  seal(password: string, registryId: RegistryId): Promise<string>
  /**
   * Returns the password, and whether the first secret encrypted it; `undefined` if no secret decrypts it, or if it is another
   * registry's.
   */
  open(
    sealed: string,
    registryId: RegistryId,
  ): Promise<{ readonly password: string; readonly isCurrent: boolean } | undefined>
}

/** Creates the encryption of passwords (see `sealedSecrets`). The platform decrypts them with the same secrets. */
export function registryPasswords(secrets: readonly [string, ...string[]]): RegistryPasswords {
  const { seal, open } = sealedSecrets(secrets, 'daytona-auth registry passwords')
  return {
    seal,
    async open(sealed, registryId) {
      const opened = await open(sealed, registryId)
      return opened && { password: opened.secret, isCurrent: opened.isCurrent }
    },
  }
}
