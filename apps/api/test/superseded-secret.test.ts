import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '@daytona-auth/db/core'
import { type Route, routesOf } from './routes.ts'
import { FORBIDDEN, world } from './world.ts'

/** After a rotation with a grace period, the superseded secret can still read and use, but manage nothing. */

const { request, person, database, log } = await world({ after }, { REQUESTS_PER_MINUTE: '100000' })
const ada = await person()
const organization = await ada.organization()
const { value: owner } = await ada.token()
const { name: keyName, value: superseded } = await ada.key(organization, ['admin:organization'])
const rotated = await request('POST', `/api-keys/${keyName}/rotate`, owner, {
  organization,
  body: { gracePeriodSeconds: 3600 },
})
assert.equal(rotated.status, 201, rotated.text)
const current = (rotated.body as { value: string }).value

const READS = new Set(['GET', 'HEAD'])
/** Writes of an organization's resources: use, not management. */
const RESOURCES = new Set(['write:sandboxes', 'write:snapshots', 'write:volumes', 'write:registries'])
const CAUSE = 'its earlier secret cannot change this'

const routes = routesOf(await request('GET', '/openapi.json')).filter(
  ({ access }) => access !== 'public' && access !== 'person',
)
const reads = routes.filter(({ method }) => READS.has(method))
const uses = routes.filter(({ method, access }) => !READS.has(method) && RESOURCES.has(access))
const management = routes.filter((route) => !reads.includes(route) && !uses.includes(route))

const send = ({ method, template }: Route, credential: string) => {
  const path = template
    .replace('{organizationId}', organization)
    .replace('{name}', keyName)
    .replaceAll(/\{\w+\}/g, () => newId('app'))
  return request(method, path, credential, { organization, ...(!READS.has(method) && { body: {} }) })
}

/** The lines of refused requests: a line of the denial itself has the reason too. */
const denials = () =>
  log.lines().filter(({ why, durationMs }) => String(why).includes(CAUSE) && durationMs !== undefined).length

/** Every management write has an event in the audit trail. */
const successes = async () => {
  const [row] = await database.$client`SELECT count(*)::int AS count FROM audit_events WHERE status_code < 300`
  return row?.['count']
}

it('covers the routes', () => {
  assert.ok(management.length >= 12, String(management.length))
  assert.ok(reads.length >= 10, String(reads.length))
  assert.ok(uses.length >= 4, String(uses.length))
})

describe('a superseded secret', () => {
  for (const route of management) {
    it(`is refused by ${route.method} ${route.template}`, async () => {
      const [changes, before] = [await successes(), denials()]
      const answer = await send(route, superseded)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
      assert.equal(denials(), before + 1, 'refused for another reason')
      assert.equal(await successes(), changes)
    })
  }

  for (const route of [...reads, ...uses]) {
    it(`is accepted by ${route.method} ${route.template} like the current secret`, async () => {
      const [expected, answer] = [await send(route, current), await send(route, superseded)]
      assert.equal(answer.status, expected.status, answer.text)
      assert.notEqual(answer.status, 401)
      assert.notEqual(answer.status, 403)
    })
  }

  it('reads and is verified: 200', async () => {
    for (const path of ['/api-keys/current', '/api-keys', '/sandbox', `/auth/verify?permission=write:sandboxes`]) {
      const answer = await request('GET', path, superseded, { organization })
      assert.equal(answer.status, 200, `${path}: ${answer.text}`)
    }
  })

  it('is refused by a route that then accepts the current secret', async () => {
    const body = { name: 'child', permissions: ['read:volumes'] }
    assert.equal((await request('POST', '/api-keys', superseded, { organization, body })).status, 403)
    assert.equal((await request('POST', '/api-keys', current, { organization, body })).status, 201)
  })
})
