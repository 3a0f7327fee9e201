import { rm } from 'node:fs/promises'
import { digestOf, mintKey } from '@daytona-auth/api'
import { type Database, newId } from '@daytona-auth/db/core'
import { hasUsers, runInitialSetup } from '@daytona-auth/db/operations'
import { findAccountById } from '@daytona-auth/db/users'
import { hashPassword, makePassword } from '@daytona-auth/oidc'
import { maskKey } from '@daytona-auth/protocol/api-key-format'
import { type Credentials, readCredentials, writeCredentials } from './credentials.ts'

const OWNER = { email: 'owner@localhost.localdomain', name: 'Owner' }
const SHARED_ORGANIZATION = 'Shared'
const KEY_NAME = 'first-run'

/**
 * `created`: this call created the account. `existing`: the file matches this database. `foreign`: it does not, or
 * there is no file.
 */
export type Outcome =
  | { readonly kind: 'created' | 'existing'; readonly credentials: Credentials }
  | { readonly kind: 'foreign' }

/**
 * Ensures that the database has an owner and that `file` holds the credentials of that owner.
 *
 * The file is on disk before the database commits, and the database gets the content of the file. If the process is
 * terminated in between, the next start uses the same ids, password and key, so both agree after a crash at any
 * moment. For the same reason, an empty database gets the content of an existing file.
 */
export async function ensureFirstAccount(database: Database, file: string, issuer: string): Promise<Outcome> {
  const written = await readCredentials(file)
  const here = { issuer, apiUrl: issuer }
  if (await hasUsers(database)) {
    if (!written || !(await findAccountById(database, written.user.id))) return { kind: 'foreign' }
    const credentials = { ...written, ...here }
    // The origin may have changed since.
    if (written.issuer !== issuer || written.apiUrl !== issuer) await writeCredentials(file, credentials)
    return { kind: 'existing', credentials }
  }

  const credentials = written ? { ...written, ...here } : newCredentials(issuer)
  const { user, organizationId, apiKey } = credentials
  const passwordHash = await hashPassword(user.password)
  await writeCredentials(file, credentials)
  const isMade = await runInitialSetup(database, {
    owner: { ...OWNER, email: user.email, emailVerified: true, userId: user.id, passwordHash },
    organization: { id: organizationId, name: SHARED_ORGANIZATION },
    apiKey: { id: newId('key'), name: KEY_NAME, permissions: ['admin:organization'] },
    secret: { digest: digestOf(apiKey), hint: maskKey(apiKey) },
  })
  if (isMade) return { kind: 'created', credentials }
  // Another installation on the same database committed first: the written credentials are invalid.
  if (!written) await rm(file)
  return { kind: 'foreign' }
}

function newCredentials(issuer: string): Credentials {
  return {
    issuer,
    apiUrl: issuer,
    user: { email: OWNER.email, password: makePassword(), id: newId('usr') },
    organizationId: newId('org'),
    apiKey: mintKey().key,
  }
}
