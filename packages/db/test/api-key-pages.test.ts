import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { openExplained } from '../bench/explaining.ts'
import { countApiKeys, searchApiKeys } from '../src/api-keys/index.ts'
import { fillKeys } from './filled-keys.ts'

const KEYS = 20_000
/**
 * Pages of 8 kB that one page of 50 keys may read, with their secrets and organizations, and with the times of the keys between
 * them. Reading every key takes 40,000.
 */
const MOST_PAGES = 3500

const { database, url } = await testDatabase({ after })
const organization = await fillKeys(database, KEYS)
const explained = openExplained(url)
after(() => explained.close())

/** Runs one statement, and returns its plan and the number of pages that it reads. */
async function explain(run: (db: typeof database) => Promise<unknown>) {
  await run(explained.database)
  const plan = explained.take().join('\n')
  const [, hit = '0', read = '0'] = /Buffers: shared hit=(\d+)(?: read=(\d+))?/.exec(plan) ?? []
  return { plan, pages: Number(hit) + Number(read) }
}

describe(`with ${KEYS} keys in one of two organizations`, () => {
  for (const [what, status, by, direction] of [
    ['the keys last used', 'active', 'lastUsedAt', 'desc'],
    ['the keys used longest ago', 'active', 'lastUsedAt', 'asc'],
    ['the keys unused for 90 days, the newest', 'unused', 'createdAt', 'desc'],
    ['the keys unused for 90 days, the oldest', 'unused', 'createdAt', 'asc'],
    ['the keys unused for 90 days, by last use', 'unused', 'lastUsedAt', 'desc'],
  ] as const) {
    it(`a page of ${what} reads the rows of that page only`, async (t) => {
      for (const after of [undefined, 'next'] as const) {
        const first = await searchApiKeys(database, organization, { status }, { by, direction }, { limit: 50 })
        assert.ok(first.rows.length === 50 && first.next)
        const { plan, pages } = await explain((db) =>
          searchApiKeys(
            db,
            organization,
            { status },
            { by, direction },
            { limit: 50, ...(after && first.next && { after: first.next }) },
          ),
        )
        assert.ok(pages > 100 && pages < MOST_PAGES, `${pages} pages\n${plan}`)
        assert.doesNotMatch(plan, /Seq Scan on (api_key|users)/)
        t.diagnostic(`${after ?? 'first'} page: ${pages} pages of the database`)
      }
    })
  }

  it('the summary reads little more than the keys that it counts at most', async (t) => {
    const { plan, pages } = await explain((db) => countApiKeys(db, organization, {}, 1000))
    assert.ok(pages < 25 * 1000, `${pages} pages\n${plan}`)
    t.diagnostic(`${pages} pages of the database`)
  })
})
