import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { sql } from 'drizzle-orm'
import { type AuditAction, auditActions } from '../src/audit/actions.ts'
import { callerAuthority, systemAuthority } from '../src/audit/authority.ts'
import { verifyAuditChain } from '../src/audit/chain.ts'
import { type AuditedTx, inAudit } from '../src/audit/entries.ts'
import type { OrganizationId } from '../src/core/id.ts'
import { rowsOf } from './rows.ts'

const TEST_AUTHORITY = systemAuthority('test')
const ATTEMPTS = 4

const { database } = await testDatabase({ after })
const { $client: client } = database
const rows = rowsOf(database)

/** A different action for each attempt. */
const actionOf = (attemptNumber: number): AuditAction => auditActions()[attemptNumber] ?? 'role.update'

const entryOf = (organizationId: OrganizationId, action: AuditAction = 'role.update') => ({
  organizationId,
  actorId: null,
  actorEmail: null,
  source: 'test',
  action,
})

const raise = (tx: AuditedTx, code: string) =>
  tx.execute(sql.raw(`DO $$ BEGIN RAISE EXCEPTION 'undone' USING ERRCODE = '${code}'; END $$`))

/** Runs a change that fails with `code` in its first `failures` attempts. */
async function attempt(code: string, failures: number) {
  const owner = await rows.user()
  const organization = await rows.organization(owner)
  let [attempts, confirmations] = [0, 0]
  const authority = callerAuthority('test', async () => {
    confirmations += 1
    return confirmations
  })
  const result = inAudit<number, number>(
    database,
    authority,
    (attemptNumber) => entryOf(organization, actionOf(attemptNumber)),
    async (tx, confirmed) => {
      attempts += 1
      assert.equal(confirmed, attempts, 'the authority is confirmed in each attempt')
      await tx.execute(sql`UPDATE organizations SET name = name || '+' WHERE id = ${organization}`)
      if (attempts <= failures) await raise(tx, code)
      return attempts
    },
  )
  const [outcome] = await Promise.allSettled([result])
  const [row] = await client`SELECT name FROM organizations WHERE id = ${organization}`
  const events = await client`SELECT action FROM audit_events WHERE organization_id = ${organization}`
  return {
    attempts,
    outcome,
    changes: String(row?.['name']).split('+').length - 1,
    actions: events.map(({ action }) => action),
    chain: await verifyAuditChain(database, organization),
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error ? ('code' in error ? error.code : codeOf(error.cause)) : undefined

describe('a change that PostgreSQL rolls back', () => {
  for (const [code, name] of [
    ['40001', 'a serialization failure'],
    ['40P01', 'a deadlock'],
  ] as const) {
    it(`runs again after ${name} (${code}), and is recorded once`, async () => {
      for (const failures of [1, ATTEMPTS - 1]) {
        const { attempts, outcome, changes, actions, chain } = await attempt(code, failures)
        assert.deepEqual(outcome, { status: 'fulfilled', value: failures + 1 })
        assert.deepEqual([attempts, changes, actions], [failures + 1, 1, [actionOf(failures + 1)]])
        assert.deepEqual(chain, { events: 1, brokenAt: null })
      }
    })

    it(`runs at most ${ATTEMPTS} times after ${name} (${code}), and then has changed nothing`, async () => {
      const { attempts, outcome, changes, actions } = await attempt(code, Number.POSITIVE_INFINITY)
      assert.deepEqual([attempts, changes, actions], [ATTEMPTS, 0, []])
      assert.equal(outcome.status === 'rejected' && codeOf(outcome.reason), code)
    })
  }

  it('runs once if another attempt would fail too', async () => {
    for (const code of ['23505', '23503', '57014', '55P03', 'DA002']) {
      const { attempts, outcome, changes, actions } = await attempt(code, Number.POSITIVE_INFINITY)
      assert.deepEqual([attempts, changes, actions], [1, 0, []], code)
      assert.equal(outcome.status === 'rejected' && codeOf(outcome.reason), code)
    }
  })

  it('completes both of two changes that deadlock', async () => {
    const owner = await rows.user()
    const [left, right] = [await rows.organization(owner), await rows.organization(owner)]
    const bothHold = Promise.withResolvers<void>()
    let [holding, attempts] = [0, 0]
    const change = (first: OrganizationId, second: OrganizationId) =>
      inAudit(database, TEST_AUTHORITY, entryOf(first), async (tx) => {
        attempts += 1
        await tx.execute(sql`UPDATE organizations SET name = name || '+' WHERE id = ${first}`)
        holding += 1
        if (holding === 2) bothHold.resolve()
        await bothHold.promise
        await tx.execute(sql`UPDATE organizations SET name = name || '+' WHERE id = ${second}`)
      })
    await Promise.all([change(left, right), change(right, left)])
    const names = await client`SELECT name FROM organizations WHERE id IN (${left}, ${right})`
    assert.deepEqual(
      names.map(({ name }) => String(name).split('+').length - 1),
      [2, 2],
    )
    assert.ok(attempts > 2, 'there was no deadlock')
    for (const organization of [left, right]) {
      assert.deepEqual(await verifyAuditChain(database, organization), { events: 1, brokenAt: null })
    }
  })
})
