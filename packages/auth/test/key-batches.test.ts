import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import type { Database } from '@daytona-auth/db/core'
import { isDenied } from '../src/principal/result.ts'
import { ANY_KEY } from '../src/verification/cache.ts'
import { boundedReader, type Reader } from '../src/verification/database-reader.ts'
import { apiKeyAuthenticator } from '../src/verification/verify-key.ts'
import { world } from './world.ts'

const here = await world({ after })
const owner = await here.user()
const home = await here.organization(owner)
const other = await here.organization(owner)

/** The reader of keys, and how often it read. */
function counted(read?: (sql: Database['$client']) => Promise<never>) {
  const bounded = boundedReader({ database: here.database, timeoutMs: 5000 })
  let reads = 0
  const reader: Reader = {
    read(query) {
      reads += 1
      return bounded.read(read ?? query)
    },
  }
  const authenticator = apiKeyAuthenticator(reader)
  const find = (digest: Uint8Array) => authenticator.find('dta_', Buffer.from(digest).toString('latin1'))
  return { find, reads: () => reads }
}

describe('the reader of keys', () => {
  it('reads the keys of one turn in one statement, each with its own answer', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => here.key(owner, home)))
    const { find, reads } = counted()
    const found = await Promise.all([...keys.map(({ digest }) => find(digest)), find(randomBytes(32))])
    assert.deepEqual(
      found.map(({ answer }) => (answer.kind === 'api-key' ? answer.keyId : isDenied(answer) && answer.reason)),
      [...keys.map(({ id }) => id), 'unknown'],
    )
    assert.equal(reads(), 1)
    await find(randomBytes(32))
    assert.equal(reads(), 2, 'another turn')
  })

  it('reads at most 100 in a statement', async () => {
    for (const [count, statements] of [
      [100, 1],
      [101, 2],
      [250, 3],
    ] as const) {
      const { find, reads } = counted()
      const found = await Promise.all(Array.from({ length: count }, () => find(randomBytes(32))))
      assert.deepEqual([found.length, reads()], [count, statements])
    }
  })

  it('answers two presentations of one key in a turn', async () => {
    const { digest, id } = await here.key(owner, home)
    const { find, reads } = counted()
    const [one, two] = await Promise.all([find(digest), find(digest)])
    assert.deepEqual([one?.answer.kind === 'api-key' && one.answer.keyId, reads()], [id, 1])
    assert.deepEqual(one, two)
  })

  it('throws for every key of a statement that fails, and reads again for later ones', async () => {
    let isDown = true
    const { find, reads } = counted(async () => {
      if (isDown) throw new Error('no database')
      return [] as never
    })
    const outcomes = await Promise.allSettled([find(randomBytes(32)), find(randomBytes(32))])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    isDown = false
    assert.equal((await find(randomBytes(32))).answer.kind, 'denied')
    assert.equal(reads(), 2)
  })

  it('makes an unknown key depend on every key', async () => {
    assert.deepEqual((await counted().find(randomBytes(32))).dependsOn, [ANY_KEY])
  })

  it('makes a key depend on its owner, its organizations, and all its ancestors with their clients', async () => {
    const clientId = await here.client({ isFirstParty: true })
    const grantId = await here.grant(owner, clientId)
    const parent = await here.key(owner, home, { parentGrant: grantId, reaches: [home, other] })
    const child = await here.key(owner, home, { parentKey: parent.id, reaches: [home, other] })
    const { dependsOn } = await counted().find(child.digest)
    const expected = [
      `key:${child.id}`,
      `user:${owner}`,
      `key:${parent.id}`,
      `grant:${grantId}`,
      `client:${clientId}`,
      `organization:${home}`,
      `organization:${other}`,
    ]
    assert.deepEqual(dependsOn?.toSorted(), expected.toSorted())
  })

  it('makes a revoked key depend on the same: it may not become valid, but another answer', async () => {
    const key = await here.key(owner, home)
    await here.sql`UPDATE api_keys SET status = 'revoked' WHERE id = ${key.id}`
    const { answer, dependsOn } = await counted().find(key.digest)
    assert.deepEqual([isDenied(answer) && answer.reason, dependsOn?.includes(`key:${key.id}`)], ['revoked', true])
  })
})
