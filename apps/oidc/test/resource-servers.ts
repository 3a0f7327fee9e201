import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import {
  deleteResourceServer,
  insertResourceServer,
  type ResourceServerRow,
  updateResourceServer,
} from '@daytona-auth/db/clients'
import { newId } from '@daytona-auth/db/core'
import type { Person, TestProvider } from './fixture.ts'

const TEST_AUTHORITY = systemAuthority('test')

export const READ = { name: 'invoices:read', description: 'See your invoices' }
export const WRITE = { name: 'invoices:write', description: 'Change your invoices' }

let count = 0

/** Registers APIs with their own audience as the API does, and changes them. */
export function resourceServersOf({ database }: TestProvider) {
  const entry = (owner: Person, targetId: string) => ({
    organizationId: owner.organizationId,
    actorId: owner.userId,
    actorEmail: owner.email,
    source: 'test',
    action: 'resource_server.update' as const,
    targetType: 'resource_server',
    targetId,
  })
  return {
    async create(owner: Person, more: Partial<Pick<ResourceServerRow, 'identifier' | 'scopes'>> = {}) {
      count += 1
      const id = newId('rs')
      const given = {
        id,
        identifier: `https://api${count}.example.com/v1`,
        name: 'Invoices',
        scopes: [READ, WRITE],
        createdBy: owner.userId,
        ...more,
      }
      const row = await inAudit(database, TEST_AUTHORITY, entry(owner, id), (tx) =>
        insertResourceServer(tx, owner.organizationId, given),
      )
      if (!row) throw new Error(`${given.identifier} is taken`)
      return row
    },
    change: (
      owner: Person,
      { id }: ResourceServerRow,
      change: Partial<Pick<ResourceServerRow, 'scopes' | 'enabled'>>,
    ) =>
      inAudit(database, TEST_AUTHORITY, entry(owner, id), (tx) =>
        updateResourceServer(tx, owner.organizationId, id, change),
      ),
    remove: (owner: Person, { id }: ResourceServerRow) =>
      inAudit(database, TEST_AUTHORITY, entry(owner, id), (tx) => deleteResourceServer(tx, owner.organizationId, id)),
  }
}
