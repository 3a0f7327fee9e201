import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { openExplained } from '../bench/explaining.ts'
import { countApiKeys, searchApiKeys } from '../src/api-keys/index.ts'
import { fillKeys } from './filled-keys.ts'

// One organization among others: what it reads must not grow with the keys of the others. The limits are as small a part of its
// keys as those of the servers are of the keys of a large organization.

const KEYS = 100_000
const SHARE = 0.05

const { database, url } = await testDatabase({ after })
const organization = await fillKeys(database, KEYS, SHARE)
const explained = openExplained(url)
after(() => explained.close())

/** Runs one statement, and returns its plan and the most rows that one of its steps has read or filtered. */
async function explain(run: (db: typeof database) => Promise<unknown>) {
  await run(explained.database)
  const plan = explained.take().join('\n')
  const rows = [...plan.matchAll(/(?:actual time=\S+ rows=|Rows Removed by Filter: )([\d.]+)/g)].map(([, count]) =>
    Number(count),
  )
  return { plan, rows: Math.max(...rows) }
}

describe(`with ${SHARE * 100} % of ${2 * KEYS} keys`, () => {
  for (const direction of ['asc', 'desc'] as const) {
    it(`a page of unused keys, ${direction}, reads the keys of the own organization`, async (t) => {
      const { plan, rows } = await explain((db) =>
        searchApiKeys(db, organization, { status: 'unused' }, { by: 'createdAt', direction }, { limit: 5 }),
      )
      t.diagnostic(`${rows} rows`)
      assert.ok(rows < 500, plan)
    })
  }

  it('a search for a word that no key has reads an index of the own organization, and no row', async (t) => {
    const words = [{ text: 'zzzz', permissions: ['read:sandboxes'] }]
    const { plan, rows } = await explain((db) =>
      searchApiKeys(
        db,
        organization,
        { status: 'active', words },
        { by: 'createdAt', direction: 'desc' },
        { limit: 5 },
      ),
    )
    t.diagnostic(`${rows} rows`)
    assert.ok(rows < 2.1 * KEYS * SHARE, plan)
    assert.match(plan, /Index Only Scan .*using api_key_organizations_search_idx/)
  })

  it('the summary reads the keys of the own organization', async (t) => {
    const { plan, rows } = await explain((db) => countApiKeys(db, organization, {}, 50))
    t.diagnostic(`${rows} rows`)
    assert.ok(rows < 2 * KEYS * SHARE, plan)
    assert.doesNotMatch(plan, /Seq Scan on api_key/)
  })
})
