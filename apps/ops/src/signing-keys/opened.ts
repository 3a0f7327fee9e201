import type { SigningKeyRow } from '@daytona-auth/db/signing-keys'
import { StartupError } from '@daytona-auth/service'
import type { KeyWrapping } from '@daytona-auth/signing-keys/wrap'
import { NegativeResult } from '../negative-result.ts'

/**
 * Requires that there are keys, and that the secret decrypts those that sign or will sign. Otherwise no provider could use
 * them, and a rotation would stop.
 * @throws NegativeResult if there are no keys; StartupError that names the key and the variable
 */
export async function requireDecryptable(rows: readonly SigningKeyRow[], wrapping: KeyWrapping): Promise<void> {
  if (rows.length === 0) throw new NegativeResult('there are no signing keys yet: start a provider, which creates them')
  for (const { kid, status, privateJwk } of rows) {
    if (status !== 'retired' && !(await wrapping.open(privateJwk))) throw unopened(kid)
  }
}

export const unopened = (kid: string) =>
  new StartupError(
    `signing key ${kid} cannot be opened, and nothing was changed: add the secret that it was encrypted under to SIGNING_KEYS_SECRET, as in new,old`,
  )
