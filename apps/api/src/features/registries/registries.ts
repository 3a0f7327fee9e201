import type { RegistryPasswords } from '@daytona-auth/accounts/registry-passwords'
import { type Database, newId, type RegistryId } from '@daytona-auth/db/core'
import {
  deleteRegistry,
  insertRegistry,
  lockRegistry,
  type RegistryRow,
  updateRegistry,
} from '@daytona-auth/db/resources'
import { badRequest, unavailable } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { auditedRecords, nameOf, nameTaken } from '../records/records.ts'
import type { CreateRegistry, UpdateRegistry } from './schema.ts'
import { serverOf } from './url.ts'

export type SealPassword = RegistryPasswords['seal']

export interface RegistryDependencies {
  readonly database: Database
  /** Absent if this process has no key to encrypt with. */
  /** Encrypts a password for storage. Absent without RESOURCE_SECRETS_KEY. */
  readonly sealPassword: SealPassword | undefined
}

/** Creates a registry. @throws Denial 409 if the name is taken, 503 without a key to encrypt the password with */
export async function createRegistry(
  { database, sealPassword }: RegistryDependencies,
  caller: CallerInOrganization,
  { name, url, username, password, project }: z.output<typeof CreateRegistry>,
): Promise<RegistryRow> {
  const id = newId('reg')
  const sealedPassword = await seal(sealPassword, password, id)
  return auditedRecords(database, 'registry').create(caller, { id, name, statusCode: 201 }, (tx, organizationId) =>
    insertRegistry(tx, organizationId, {
      id,
      name,
      url,
      username,
      sealedPassword,
      project,
      createdBy: caller.principal.userId,
    }),
  )
}

/**
 * Changes a registry. A stored password stays with the server that it was given for: otherwise a user with
 * `write:registries` could have it sent to a server of their own.
 *
 * @throws Denial 404, 409 if the name is taken, 400 for another server without a password
 */
export async function changeRegistry(
  { database, sealPassword }: RegistryDependencies,
  caller: CallerInOrganization,
  id: string,
  { name, url, username, password, project }: z.output<typeof UpdateRegistry>,
): Promise<RegistryRow> {
  const sealedPassword = password === undefined ? undefined : await seal(sealPassword, password, id as RegistryId)
  return auditedRecords(database, 'registry').change(
    caller,
    {
      action: 'registry.update',
      metadata: (row) => ({ name: row.name, url, passwordChanged: password !== undefined }),
    },
    async (tx, organizationId) => {
      const before = await lockRegistry(tx, organizationId, id)
      if (!before) return undefined
      if (password === undefined && serverOf(before.url) !== serverOf(url)) throw passwordMissing()
      const row = await updateRegistry(tx, organizationId, id, {
        name,
        url,
        username,
        ...(sealedPassword !== undefined && { sealedPassword }),
        ...(project !== undefined && { project }),
      })
      if (row === 'taken') throw nameTaken('registry')
      return row
    },
  )
}

/** Deletes a registry. @throws Denial 404 */
export const removeRegistry = (
  { database }: RegistryDependencies,
  caller: CallerInOrganization,
  id: string,
): Promise<RegistryRow> =>
  auditedRecords(database, 'registry').change(
    caller,
    { action: 'registry.delete', statusCode: 204, metadata: nameOf },
    (tx, organizationId) => deleteRegistry(tx, organizationId, id),
  )

function seal(sealPassword: SealPassword | undefined, password: string, id: RegistryId): Promise<string> {
  if (!sealPassword) throw unavailable('RESOURCE_SECRETS_KEY is not set', 60)
  return sealPassword(password, id)
}

function passwordMissing() {
  const message = 'is required if the url names another server'
  return badRequest(`password: ${message}`, [{ path: 'password', message }])
}
