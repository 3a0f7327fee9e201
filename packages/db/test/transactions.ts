import assert from 'node:assert/strict'
import { waitFor } from '@daytona-auth/testing'
import { systemAuthority } from '../src/audit/authority.ts'
import { type AuditedTx, inAudit } from '../src/audit/entries.ts'
import type { Database } from '../src/core/client.ts'

const TEST_AUTHORITY = systemAuthority('test')

type Work<T> = (tx: AuditedTx) => Promise<T>

/** Runs changes in the product's own transactions, alone or while another one is open. */
export function transactionsOn(database: Database) {
  const { $client: sql } = database

  /** Commits a change without an audit event. */
  const change = <T>(work: Work<T>): Promise<T> => inAudit(database, TEST_AUTHORITY, [], work)

  /** Runs a change and rolls it back. Inside, `now()` is one instant, so that boundaries can be exact. */
  async function rolledBack<T>(work: Work<T>): Promise<T> {
    const undone = new Error('rolled back by the test')
    let result: { readonly value: T } | undefined
    await assert.rejects(
      change(async (tx) => {
        result = { value: await work(tx) }
        throw undone
      }),
      (error) => {
        if (error !== undone) throw error
        return true
      },
    )
    assert.ok(result)
    return result.value
  }

  /** Other test processes use other databases of the same server. */
  const hasLockWait = async () =>
    (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).length > 0

  /** Opens a transaction that has run `work`. `commit` ends it. */
  async function opened<T>(work: Work<T>) {
    const [ready, released] = [Promise.withResolvers<T>(), Promise.withResolvers<void>()]
    const ended = change(async (tx) => {
      const result = await work(tx)
      ready.resolve(result)
      await released.promise
      return result
    })
    ended.catch(ready.reject)
    await ready.promise
    return {
      async commit(): Promise<T> {
        released.resolve()
        return ended
      },
    }
  }

  /** Runs `second` while `first` is uncommitted, requires that it waits for a lock, and commits `first`. */
  async function waits<A, B>(first: Work<A>, second: () => Promise<B>): Promise<[A, B]> {
    const one = await opened(first)
    const two = second()
    two.catch(() => {}) // awaited below
    try {
      await waitFor(hasLockWait)
    } finally {
      await one.commit()
    }
    return [await one.commit(), await two]
  }

  /** Runs `second` while `first` is uncommitted, and requires that it ends without waiting for it. */
  async function passes<A, B>(first: Work<A>, second: () => Promise<B>): Promise<[A, B]> {
    const one = await opened(first)
    let isSettled = false
    const two = second().finally(() => {
      isSettled = true
    })
    two.catch(() => {}) // awaited below
    try {
      await waitFor(async () => isSettled || hasLockWait())
      assert.ok(isSettled, 'it waits for a lock of the first transaction')
    } finally {
      await one.commit()
    }
    return [await one.commit(), await two]
  }

  return { change, rolledBack, waits, passes }
}

/** Whether PostgreSQL refused a statement with this SQLSTATE, however the error is wrapped. */
export const refusedWith = (code: string) => (error: unknown) => {
  let cause = error
  while (cause instanceof Error && !('code' in cause)) cause = cause.cause
  assert.equal((cause as { code?: string } | undefined)?.code, code, String(error))
  return true
}
