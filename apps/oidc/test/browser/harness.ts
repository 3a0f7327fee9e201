import { newId, type OrganizationId } from '@daytona-auth/db/core'
import type { Person, TestProvider } from '../fixture.ts'

/** Creates a shared organization with `owner` as its owner. */
export async function organizationOf({ database }: TestProvider, owner: Person, name: string): Promise<OrganizationId> {
  const id = newId('org')
  await database.$client`INSERT INTO organizations (id, name, created_by) VALUES (${id}, ${name}, ${owner.userId})`
  await database.$client`
    INSERT INTO organization_members (organization_id, user_id, role) VALUES (${id}, ${owner.userId}, 'owner')`
  return id
}

/** Reads the audit trail of a person's own organization, oldest first. */
export async function trailOf({ database }: TestProvider, { organizationId }: Person) {
  return [
    ...(await database.$client<Record<string, unknown>[]>`
      SELECT action, status_code AS "statusCode", actor_id AS "actorId", target_id AS "targetId"
      FROM audit_events WHERE organization_id = ${organizationId} ORDER BY sequence`),
  ]
}
