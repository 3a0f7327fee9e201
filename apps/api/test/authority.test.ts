import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { isQuick, listCases } from './authority/endings.ts'
import { checkDenied, createRequests, credentialOf } from './authority/requests.ts'
import { BODIES } from './writing-scene.ts'

const { request, person, sql, writing, scene, holdBack, waitForLock } = await createRequests({ after })

it('covers the writing routes', () => {
  assert.ok(writing.length >= 30, String(writing.length))
  const known = new Set(writing.map(({ method, template }) => `${method} ${template}`))
  for (const name of Object.keys(BODIES)) assert.ok(known.has(name), name)
})

for (const [place, route] of writing.entries()) {
  describe(`${route.method} ${route.template}`, () => {
    for (const kind of ['token', 'key'] as const) {
      const cases = listCases(route, kind)
      for (const one of cases.filter((_case, index) => isQuick(place, index, cases.length))) {
        it(`is refused when ${one.name} before the last byte of the body (${kind})`, () => holdBack(one))
        if (!(`${route.method} ${route.template}` in BODIES)) continue
        it(`writes nothing when ${one.name} while it waits for a lock (${kind})`, () => waitForLock(one))
      }
    }
  })
}

for (const kind of ['token', 'key'] as const) {
  it(`POST /api-keys writes nothing when the credential ends while the key is inserted (${kind})`, async (t) => {
    const at = await scene()
    const route = writing.find(({ method, template }) => `${method} ${template}` === 'POST /api-keys')
    assert.ok(route)
    // As the trigger on parents refuses it: the credential is locked before, so that no other session can end it then.
    await sql.unsafe(`CREATE FUNCTION refuse_key() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'parent has ended' USING ERRCODE = 'DA002'; END $$`)
    await sql`CREATE TRIGGER refuse_key BEFORE INSERT ON api_keys FOR EACH ROW EXECUTE FUNCTION refuse_key()`
    t.after(() => sql`DROP FUNCTION refuse_key CASCADE`)
    const { status, headers } = await request('POST', '/api-keys', credentialOf(at, kind), {
      organization: at.organization,
      body: BODIES['POST /api-keys'],
    })
    assert.equal(status, 401)
    checkDenied({ route, kind, name: '', end: async () => {} }, status, headers.get('www-authenticate'))
  })
}

it('does not let a demoted administrator restore herself, over four connections', async () => {
  const owner = await person()
  const eve = await person('Eve')
  for (let round = 0; round < 5; round += 1) {
    const organization = await owner.organization()
    await eve.join(organization, ['admin:organization'])
    const [role] = await sql`SELECT role_id AS id FROM member_roles WHERE organization_id = ${organization}`
    const [mine, theirs] = [(await eve.token()).value, (await owner.token()).value]
    const path = `/organizations/${organization}/users/${eve.userId}/access`
    let isOver = false
    const loops = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        await request('POST', path, mine, { body: { role: 'member', assignedRoleIds: [role?.['id']] } })
      }
    })
    const demoted = await request('POST', path, theirs, { body: { role: 'member', assignedRoleIds: [] } })
    assert.equal(demoted.status, 200)
    const last = await request('POST', path, mine, { body: { role: 'member', assignedRoleIds: [role?.['id']] } })
    isOver = true
    await Promise.all(loops)
    assert.equal(last.status, 403)
    assert.deepEqual([...(await sql`SELECT FROM member_roles WHERE organization_id = ${organization}`)], [])
  }
})
