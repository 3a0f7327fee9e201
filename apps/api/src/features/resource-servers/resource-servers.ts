import { identifierProblem } from '@daytona-auth/accounts/resource-registration'
import { type AuditAction, type AuditEntry, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  deleteResourceServer,
  findResourceServer,
  insertResourceServer,
  type ResourceServerRow,
  updateResourceServer,
} from '@daytona-auth/db/clients'
import { type Database, newId } from '@daytona-auth/db/core'
import { badRequest, conflict, notFound } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { requireOtherName } from '../../http/other-name.ts'
import type { CreateResourceServer, UpdateResourceServer } from './schema.ts'

export interface ResourceServerDependencies {
  readonly database: Database
  /** The name of the installation, which no API of an organization may have. */
  readonly brand: string
  /** The URLs of our own API and issuer, at whose origins no organization registers one. */
  readonly reserved: readonly string[]
}

/**
 * Registers an API of the caller's organization as an audience of access tokens (RFC 8707).
 * @throws Denial 400 for an identifier that is no absolute URI or ours, 409 for one that is registered
 */
export async function createResourceServer(
  { database, brand, reserved }: ResourceServerDependencies,
  caller: CallerInOrganization,
  { identifier, name, scopes }: z.output<typeof CreateResourceServer>,
): Promise<ResourceServerRow> {
  requireOtherName(name, brand)
  const message = identifierProblem(identifier, reserved)
  if (message !== undefined) throw badRequest(`identifier: ${message}`, [{ path: 'identifier', message }])
  const id = newId('rs')
  const entry = eventOf(caller, 'resource_server.create', 201, id, { name, identifier, scopes: namesOf(scopes) })
  return inAudit(database, caller.authority('manage'), entry, async (tx) => {
    const row = await insertResourceServer(tx, caller.organization.organizationId, {
      id,
      identifier,
      name,
      scopes,
      createdBy: caller.principal.userId,
    })
    return row ?? throwTaken()
  })
}

/** Finds a resource server of the caller's organization. @throws Denial 404 */
export async function getResourceServer(
  { database }: Pick<ResourceServerDependencies, 'database'>,
  { organization }: CallerInOrganization,
  id: string,
): Promise<ResourceServerRow> {
  return (await findResourceServer(database, organization.organizationId, id)) ?? throwNotFound()
}

/** Changes a resource server. The provider applies the change to its next response. @throws Denial 404 */
export async function changeResourceServer(
  { database, brand }: ResourceServerDependencies,
  caller: CallerInOrganization,
  id: string,
  change: z.output<typeof UpdateResourceServer>,
): Promise<ResourceServerRow> {
  if (change.name !== undefined) requireOtherName(change.name, brand)
  const { identifier, name } = await getResourceServer({ database }, caller, id)
  const entry = eventOf(caller, 'resource_server.update', 200, id, { name, identifier, changed: change })
  return inAudit(database, caller.authority('manage'), entry, async (tx) => {
    const row = await updateResourceServer(tx, caller.organization.organizationId, id, change)
    return row ?? throwNotFound()
  })
}

/** Deletes a resource server, which ends its tokens. @throws Denial 404 */
export async function removeResourceServer(
  { database }: ResourceServerDependencies,
  caller: CallerInOrganization,
  id: string,
): Promise<void> {
  const { identifier, name } = await getResourceServer({ database }, caller, id)
  const entry = eventOf(caller, 'resource_server.delete', 204, id, { name, identifier })
  await inAudit(database, caller.authority('manage'), entry, async (tx) => {
    const row = await deleteResourceServer(tx, caller.organization.organizationId, id)
    return row ?? throwNotFound()
  })
}

const eventOf = <Action extends AuditAction & `resource_server.${string}`>(
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: Action,
  statusCode: number,
  targetId: string,
  metadata: AuditMetadata<Action>,
): AuditEntry => auditEntry(action, { ...actor, organizationId, targetId, statusCode, metadata })

const namesOf = (scopes: readonly { readonly name: string }[]): string[] => scopes.map(({ name }) => name)

function throwNotFound(): never {
  throw notFound('Resource server')
}

function throwTaken(): never {
  throw conflict('identifier_taken', 'A resource server of that identifier exists already')
}
