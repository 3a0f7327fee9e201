import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { getTableColumns } from 'drizzle-orm'
import { CasingCache } from 'drizzle-orm/casing'
import { AUDIT_TEXTS } from '../src/audit/trail.ts'
import { auditEvents } from '../src/schema/audit.ts'

const { database } = await testDatabase({ after })

it('searches by each member without reading the whole trail', async () => {
  const indexes = await database.$client`
    SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = 'audit_events'::regclass`
  const begins = indexes.map(({ definition }) => /\((.*?)\)/.exec(definition)?.[1] ?? '')
  const columns = getTableColumns(auditEvents)
  const casing = new CasingCache('snake_case')
  for (const member of [...AUDIT_TEXTS, 'statusCode'] as const) {
    const column = casing.getColumnCasing(columns[member])
    const due = member === 'id' ? 'id, ' : `organization_id, ${column}, created_at DESC`
    assert.ok(
      begins.some((begin) => begin.startsWith(due)),
      `${member}: ${due}`,
    )
  }
})
