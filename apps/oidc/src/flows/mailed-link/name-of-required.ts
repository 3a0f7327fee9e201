import type { Database } from '@daytona-auth/db/core'
import { findRequiredProvider } from '@daytona-auth/db/users'

/** Returns the name of the identity provider with which an address has to sign in, so that no password does. */
export async function nameOfRequired(database: Database, email: string): Promise<string | undefined> {
  const required = await findRequiredProvider(database, email)
  // An owner with a second factor may use the password.
  return required?.isExempt ? undefined : required?.name
}
