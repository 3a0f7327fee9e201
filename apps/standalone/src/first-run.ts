import { rm } from 'node:fs/promises'
import { digestOf, mask, mintKey } from '@daytona-auth/api'
import { type Database, findAccountById, hasUsers, newId, runInitialSetup } from '@daytona-auth/db'
import { hashPassword, makePassword } from '@daytona-auth/oidc'
import { type Credentials, readCredentials, writeCredentials } from './credentials.ts'

const OWNER = { email: 'owner@localhost.localdomain', name: 'Owner' }
const SHARED_ORGANIZATION = 'Shared'
const KEY_NAME = 'first-run'

/** `first`: made just now. `known`: the file speaks of this database. `foreign`: it does not, or there is none. */
export type Outcome =
  | { readonly kind: 'first' | 'known'; readonly credentials: Credentials }
  | { readonly kind: 'foreign' }

/**
 * Sees to it that the database has an owner and that `file` says how to be that owner.
 *
 * The file is on disk before the database commits, and is what the database gets: a start that was killed in between
 * is repeated with the same ids, password and key, so that they agree after a kill at any moment. For the same reason
 * an empty database is given what the file of an earlier one says.
 */
export async function firstRun(database: Database, file: string, issuer: string): Promise<Outcome> {
  const written = await readCredentials(file)
  const here = { issuer, apiUrl: issuer }
  if (await hasUsers(database)) {
    if (!written || !(await findAccountById(database, written.user.id))) return { kind: 'foreign' }
    const credentials = { ...written, ...here }
    // The origin may have changed since.
    if (written.issuer !== issuer || written.apiUrl !== issuer) await writeCredentials(file, credentials)
    return { kind: 'known', credentials }
  }

  const credentials = written ? { ...written, ...here } : newCredentials(issuer)
  const { user, organizationId, apiKey } = credentials
  const passwordHash = await hashPassword(user.password)
  await writeCredentials(file, credentials)
  const isMade = await runInitialSetup(database, {
    owner: { ...OWNER, email: user.email, emailVerified: true, userId: user.id, passwordHash },
    organization: { id: organizationId, name: SHARED_ORGANIZATION },
    apiKey: { id: newId('key'), name: KEY_NAME, permissions: ['admin:organization'] },
    secret: { digest: digestOf(apiKey), hint: mask(apiKey) },
  })
  if (isMade) return { kind: 'first', credentials }
  // Another installation on the same database was faster: what we wrote opens nothing.
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
