import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { world } from '../../../test/world.ts'

const PAIRS = 25
const HOUR_MS = 3_600_000

const { request, person } = await world({ after }, { REQUESTS_PER_MINUTE: '100000' })
const ada = await person()
const organization = await ada.organization()
const { value: owner } = await ada.token()

const rotate = (name: string, body: object) =>
  request('POST', `/api-keys/${name}/rotate`, owner, { organization, body })
const endOf = async (name: string) =>
  ((await request('GET', `/api-keys/${name}`, owner, { organization })).body as { expiresAt: string | null }).expiresAt

for (const [what, before, wanted] of [
  ['set', null, new Date(Date.now() + HOUR_MS)],
  ['removed', new Date(Date.now() + HOUR_MS), null],
] as const) {
  it(`never loses an end that is ${what} while the key is rotated without one`, async () => {
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const { name } = await ada.key(organization, ['read:sandboxes'], before ? { expiresAt: before } : {})
      const bodies = [{ expiresAt: wanted?.toISOString() ?? null }, {}]
      // Each request is sent first in half of the pairs.
      const answers = await Promise.all((pair % 2 === 0 ? bodies : bodies.reverse()).map((body) => rotate(name, body)))
      assert.deepEqual(
        answers.map(({ status }) => status),
        [201, 201],
      )
      assert.equal(await endOf(name), wanted?.toISOString() ?? null, `pair ${pair}`)
    }
  })
}
