import type { Database } from '../src/core/client.ts'
import type { OrganizationId } from '../src/core/id.ts'

interface RecordedEvent {
  readonly action: string
  readonly targetType: string | null
  readonly targetId: string | null
  readonly actorId: string | null
  readonly actorEmail: string | null
  readonly source: string
  readonly statusCode: number | null
  readonly metadata: Record<string, unknown>
}

/** Returns what the trail of an organization states, oldest event first. */
export async function trailOf({ $client }: Database, organizationId: OrganizationId): Promise<RecordedEvent[]> {
  const rows = await $client<RecordedEvent[]>`
    SELECT action, target_type AS "targetType", target_id AS "targetId", actor_id AS "actorId", actor_email AS "actorEmail",
      source, status_code AS "statusCode", metadata
    FROM audit_events WHERE organization_id = ${organizationId} ORDER BY sequence`
  return [...rows]
}
