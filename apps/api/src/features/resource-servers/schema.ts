import { IdentifierText, resourceServerMembers } from '@daytona-auth/accounts/resource-registration'
import type { ResourceServerRow } from '@daytona-auth/db/clients'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant } from '../../http/schemas.ts'

export const CreateResourceServer = closedObject({
  identifier: IdentifierText.describe('The URL of the API: https, or http on loopback. It cannot be changed'),
  name: resourceServerMembers.name,
  scopes: resourceServerMembers.scopes.default([]),
}).meta({ id: 'CreateResourceServer' })

/** Absent members stay unchanged. */
export const UpdateResourceServer = closedObject({
  ...resourceServerMembers,
  enabled: z.boolean().describe('`false`: no tokens are issued, and issued ones are inactive'),
})
  .partial()
  .meta({ id: 'UpdateResourceServer' })

export const ResourceServerPath = z.object({ resourceServerId: GivenId })

export const ResourceServer = z
  .object({
    id: z.string(),
    identifier: z.string(),
    name: z.string(),
    scopes: z.array(z.object({ name: z.string(), description: z.string() })),
    enabled: z.boolean(),
    organizationId: z.string(),
    createdBy: z.string().nullable(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'ResourceServer' })

export function resourceServerToWire(row: ResourceServerRow): z.output<typeof ResourceServer> {
  return {
    id: row.id,
    identifier: row.identifier,
    name: row.name,
    scopes: row.scopes.map(({ name, description }) => ({ name, description })),
    enabled: row.enabled,
    organizationId: row.organizationId,
    createdBy: row.createdBy,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
  }
}
