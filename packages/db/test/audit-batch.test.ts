import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { recordAudit, verifyAuditChain } from '../src/audit/index.ts'
import { newId } from '../src/core/index.ts'

const { database } = await testDatabase({ after })

it('records more events at once than one statement has parameters for, in one chain', async () => {
  const organizationId = newId('org')
  const entry = { organizationId, actorId: null, actorEmail: null, source: 'test', action: 'api_key.delete' } as const
  await recordAudit(
    database,
    Array.from({ length: 5000 }, () => entry),
  )
  const chain = await verifyAuditChain(database, organizationId)
  assert.deepEqual([chain.events, chain.brokenAt], [5000, null])
})
