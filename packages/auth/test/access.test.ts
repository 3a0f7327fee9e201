import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { ORGANIZATION_HEADERS } from '@daytona-auth/protocol/organization-header'
import { type Permission, permissionNames } from '@daytona-auth/protocol/scopes'
import { badRequest, bearer, FORBIDDEN, guardedServer, pathOf } from './guarded-server.ts'

const {
  admin,
  app,
  bareApp,
  dashboard,
  foreign,
  get,
  here,
  home,
  owner,
  raw,
  reader,
  second,
  server,
  stranded,
  traveller,
} = await guardedServer({ after })

describe('a route for people', () => {
  for (const [what, credential] of [
    ['a key', admin.key],
    ['a third-party token', app],
  ] as const) {
    it(`refuses ${what}`, async () => {
      assert.deepEqual((await get('/self', bearer(credential))).json(), FORBIDDEN)
      const url = `/organizations/${home}`
      assert.deepEqual((await server.inject({ method: 'DELETE', url, headers: bearer(credential) })).json(), FORBIDDEN)
    })
  }

  it('lets in a first-party token', async () => {
    assert.deepEqual((await get('/self', bearer(dashboard))).json(), { who: owner })
    const url = `/organizations/${home}`
    assert.deepEqual((await server.inject({ method: 'DELETE', url, headers: bearer(dashboard) })).json(), {
      gone: home,
    })
  })
})

describe('a route with a permission', () => {
  for (const required of permissionNames()) {
    for (const held of permissionNames()) {
      const isEnough = held === required || held === 'admin:organization'
      it(`of ${required} ${isEnough ? 'lets in' : 'refuses'} a key with ${held}`, async () => {
        const { key } = await keyWith(held)
        const response = await get(pathOf(required), bearer(key))
        if (isEnough) assert.deepEqual([response.statusCode, response.json()], [200, { in: home }])
        else {
          assert.deepEqual([response.statusCode, response.json()], [403, FORBIDDEN])
          assert.equal(
            response.headers['www-authenticate'],
            `Bearer error="insufficient_scope", scope="${required}", error_description="The credential lacks the permission ${required}"`,
          )
        }
      })
    }
  }

  it('refuses a third-party token without permission scopes, and lets in one with', async () => {
    const denial = await get('/with/read-sandboxes', bearer(bareApp))
    assert.deepEqual([denial.statusCode, denial.json()], [403, FORBIDDEN])
    assert.match(String(denial.headers['www-authenticate']), /insufficient_scope", scope="read:sandboxes", /)
    assert.equal((await get('/with/read-sandboxes', bearer(app))).statusCode, 200)
  })

  const made = new Map<Permission, ReturnType<typeof here.key>>()
  const keyWith = (permission: Permission) => {
    const key = made.get(permission) ?? here.key(owner, home, { permissions: [permission] })
    made.set(permission, key)
    return key
  }
})

describe('the organization of a request', () => {
  const org = (id: string) => ({ 'x-daytona-organization-id': id })

  it('is refused without any access, with and without the header', async () => {
    for (const headers of [{}, org(foreign), org(home)]) {
      assert.deepEqual((await get('/here', { ...bearer(stranded.key), ...headers })).json(), FORBIDDEN)
    }
  })

  it('is refused outside access, unknown or foreign, byte for byte', async () => {
    const bodies = [foreign, 'org_unknown', ' ', `${home},${home}`, '\u00e9'].map(
      async (id) => (await get('/here', { ...bearer(admin.key), ...org(id) })).body,
    )
    assert.deepEqual(new Set(await Promise.all(bodies)), new Set([JSON.stringify(FORBIDDEN)]))
  })

  it('is refused if its header is given twice, also with one value', async () => {
    const lines = [`Authorization: Bearer ${admin.key}`, `X-Daytona-Organization-ID: ${home}`]
    assert.match(await raw('GET /here', lines), /^HTTP\/1\.1 200 /)
    assert.match(await raw('GET /here', [...lines, `X-Daytona-Organization-ID: ${home}`]), /^HTTP\/1\.1 403 /)
  })

  it('must be named if there are several', async () => {
    assert.deepEqual(
      (await get('/here', bearer(traveller.key))).json(),
      badRequest('X-Daytona-Organization-ID header is required: this credential has access to 2 organizations'),
    )
    assert.deepEqual((await get('/here', { ...bearer(traveller.key), ...org(second) })).json(), { in: second })
  })

  for (const name of ORGANIZATION_HEADERS) {
    it(`is named by ${name}`, async () => {
      for (const id of [home, second]) {
        assert.deepEqual((await get('/here', { ...bearer(traveller.key), [name]: id })).json(), { in: id })
      }
      assert.deepEqual((await get('/here', { ...bearer(traveller.key), [name]: foreign })).json(), FORBIDDEN)
    })
  }

  it('is the only one without a header, or with an empty one', async () => {
    assert.deepEqual((await get('/here', bearer(admin.key))).json(), { in: home })
    assert.deepEqual((await get('/here', { ...bearer(admin.key), ...org('') })).json(), { in: home })
  })

  it('does not matter to a route without one', async () => {
    for (const id of [home, foreign, 'nonsense', '']) {
      assert.equal((await get('/me', { ...bearer(traveller.key), ...org(id) })).statusCode, 200)
    }
  })

  it('of a path is a 404 outside access, with any header and permission', async () => {
    const expected = { statusCode: 404, message: 'Not Found', error: 'Organization not found' }
    for (const id of [foreign, 'org_unknown', '%20', '__proto__']) {
      for (const credential of [admin.key, reader.key, stranded.key, app, dashboard]) {
        for (const headers of [{}, org(home), org(id)]) {
          const response = await get(`/organizations/${id}/apps`, { ...bearer(credential), ...headers })
          assert.deepEqual(response.json(), expected)
        }
      }
    }
  })

  it('of a path must not be contradicted by the header', async () => {
    const url = `/organizations/${home}/apps`
    assert.deepEqual(
      (await get(url, { ...bearer(admin.key), ...org(second) })).json(),
      badRequest('X-Daytona-Organization-ID header disagrees with the organization in the path'),
    )
    assert.deepEqual((await get(url, { ...bearer(admin.key), ...org(home) })).json(), { in: home })
    assert.deepEqual((await get(url, bearer(admin.key))).json(), { in: home })
    assert.deepEqual((await get(url, bearer(reader.key))).json(), FORBIDDEN)
  })
})

describe('a suspended organization', () => {
  const suspend = async (reason: string | null, until: Date | null = null) => {
    const organization = await here.organization(owner)
    await here.sql`UPDATE organizations SET suspended_at = now(), suspension_reason = ${reason},
      suspended_until = ${until?.toISOString() ?? null} WHERE id = ${organization}`
    return (await here.key(owner, organization, { permissions: ['admin:organization'] })).key
  }
  const write = async (key: string) =>
    (await server.inject({ method: 'POST', url: '/sandbox', headers: bearer(key) })).json()

  it('refuses resource writes and says why', async () => {
    assert.deepEqual(await write(await suspend('unpaid invoices')), {
      ...FORBIDDEN,
      error: 'Organization is suspended: unpaid invoices',
    })
    assert.deepEqual(await write(await suspend(null)), { ...FORBIDDEN, error: 'Organization is suspended' })
  })

  it('refuses nothing else', async () => {
    const key = await suspend('unpaid invoices')
    for (const url of ['/with/read-sandboxes', '/with/write-sandboxes', '/here', '/me']) {
      assert.equal((await get(url, bearer(key))).statusCode, 200)
    }
  })

  it('reports a missing permission first', async () => {
    const organization = await here.organization(owner)
    await here.sql`UPDATE organizations SET suspended_at = now() WHERE id = ${organization}`
    const { key } = await here.key(owner, organization, { permissions: ['read:sandboxes'] })
    assert.deepEqual(await write(key), FORBIDDEN)
  })

  it('accepts writes again at the end of its suspension', async () => {
    assert.deepEqual(await write(await suspend('unpaid invoices', new Date(Date.now() - 1))), { ok: true })
    const later = await suspend('unpaid invoices', new Date(Date.now() + 60_000))
    assert.equal((await write(later)).statusCode, 403)
  })
})
