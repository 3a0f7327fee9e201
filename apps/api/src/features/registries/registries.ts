import {
  type Database,
  deleteRegistry,
  insertRegistry,
  lockRegistry,
  newId,
  type RegistryId,
  type RegistryRow,
  updateRegistry,
} from '@daytona-auth/db'
import { badRequest, unavailable } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { nameTaken, records } from '../records/records.ts'
import type { SealPassword } from './password.ts'
import type { CreateRegistry, UpdateRegistry } from './schema.ts'
import { serverOf } from './url.ts'

export interface RegistryDependencies {
  readonly database: Database
  /** Absent where this process has no key to seal with. */
  readonly sealPassword: SealPassword | undefined
}

/** @throws Refusal 409 where the name is taken, 503 without a key to seal the password with */
export async function create(
  { database, sealPassword }: RegistryDependencies,
  caller: CallerInOrganization,
  { name, url, username, password, project }: z.output<typeof CreateRegistry>,
): Promise<RegistryRow> {
  const id = newId('reg')
  const sealedPassword = await seal(sealPassword, password, id)
  return records(database, 'registry').create(caller, { id, name, statusCode: 201 }, (tx, organizationId) =>
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
 * Changes a registry. The password that is kept goes nowhere that it was not given for: whoever may write registries
 * could otherwise have it sent to a server of theirs.
 *
 * @throws Refusal 404, 409 where the name is taken, 400 for another server without a password
 */
export async function update(
  { database, sealPassword }: RegistryDependencies,
  caller: CallerInOrganization,
  id: string,
  { name, url, username, password, project }: z.output<typeof UpdateRegistry>,
): Promise<RegistryRow> {
  const sealedPassword = password === undefined ? undefined : await seal(sealPassword, password, id as RegistryId)
  const more = { url, passwordChanged: password !== undefined }
  return records(database, 'registry').change(caller, { verb: 'update', more }, async (tx, organizationId) => {
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
  })
}

/** @throws Refusal 404 */
export const remove = (
  { database }: RegistryDependencies,
  caller: CallerInOrganization,
  id: string,
): Promise<RegistryRow> =>
  records(database, 'registry').change(caller, { verb: 'delete', statusCode: 204 }, (tx, organizationId) =>
    deleteRegistry(tx, organizationId, id),
  )

function seal(sealPassword: SealPassword | undefined, password: string, id: RegistryId): Promise<string> {
  if (!sealPassword) throw unavailable('RESOURCE_SECRETS_KEY is not set', 60)
  return sealPassword(password, id)
}

function passwordMissing() {
  const message = 'must be given with the url of another server'
  return badRequest(`password: ${message}`, [{ path: 'password', message }])
}
