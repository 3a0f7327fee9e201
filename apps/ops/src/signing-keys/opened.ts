import type { SigningKeyRow } from '@daytona-auth/db'
import { StartupError } from '@daytona-auth/service'
import type { KeyWrapping } from '@daytona-auth/signing-keys/wrap'
import { Refused } from '../refused.ts'

/**
 * Sees to it that there are keys and that our secret opens those that sign or will: what is wrapped with another one no
 * provider would take up, and a rotation would stand still.
 * @throws Refused where there are no keys; StartupError that names the key and the variable
 */
export async function requireOurs(rows: readonly SigningKeyRow[], wrapping: KeyWrapping): Promise<void> {
  if (rows.length === 0) throw new Refused('there are no signing keys yet: a provider makes them when it first starts')
  for (const { kid, status, privateJwk } of rows) {
    if (status !== 'retired' && !(await wrapping.open(privateJwk))) throw unopened(kid)
  }
}

export const unopened = (kid: string) =>
  new StartupError(
    `signing key ${kid} cannot be opened, and nothing was changed: SIGNING_KEYS_SECRET must name the one it was encrypted under, as in new,old`,
  )
