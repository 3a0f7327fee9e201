import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { isPermission, mintKey } from '@daytona-auth/auth'
import { routesOf } from './routes.ts'
import { errorBody, FORBIDDEN, notImplying, UNAUTHORIZED_KEY, UNAUTHORIZED_TOKEN, world } from './world.ts'

const { request, person, database } = await world({ after }, { UNKNOWN_CREDENTIALS_PER_MINUTE: '100000' })
const ada = await person()
const organization = await ada.organization()
const foreign = (await person('Bob')).personalOrganizationId
const routes = routesOf(await request('GET', '/openapi.json'))

const good = await ada.key(organization, ['admin:organization'])
const expired = await ada.key(organization, ['admin:organization'], { expiresAt: new Date(Date.now() - 1) })
const revoked = await ada.key(organization, ['admin:organization'])
await database.$client`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked.id}`
const { value: token } = await ada.token()
const ended = await ada.token()
await database.$client`UPDATE grants SET revoked_at = now() WHERE id = ${ended.grantId}`
const metadata = 'resource_metadata="https://api.example.test/.well-known/oauth-protected-resource"'

it('covers routes of every kind', () => {
  const kinds = new Set(routes.map(({ access }) => access))
  const known = [
    'public',
    'authenticated',
    'person',
    'read:sandboxes',
    'write:sandboxes',
    'admin:organization',
  ] as const
  for (const kind of known) assert.ok(kinds.has(kind), kind)
})

for (const { method, template, pathIn, namesOrganization, access, takesOrganization, responses } of routes) {
  const path = pathIn(organization)
  // Each 401 names the scope that the route needs, as a 403 does.
  const challenge = isPermission(access) ? `scope="${access}", ${metadata}` : metadata
  const ask = (credential: string | null, options = {}) =>
    request(method, path, credential, {
      organization,
      ...(['POST', 'PUT', 'PATCH'].includes(method) && { body: {} }),
      ...options,
    })

  describe(`${method} ${template} (${access})`, () => {
    if (access === 'public') {
      it('answers any caller, with any credential', async () => {
        for (const credential of [null, 'nonsense', expired.value, token]) {
          assert.equal((await ask(credential)).status, 200)
        }
      })
      return
    }

    it('documents its denials', () => {
      for (const status of ['400', '401', '429', '503']) assert.ok(responses.includes(status), status)
    })

    it('refuses a caller without a credential', async () => {
      for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearer' }]) {
        const answer = await ask(null, { headers })
        assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_KEY])
        assert.equal(answer.headers.get('www-authenticate'), `Bearer ${challenge}`)
      }
    })

    if (method === 'GET') {
      it('refuses HEAD like GET', async () => {
        const answer = await request('HEAD', path)
        assert.deepEqual([answer.status, answer.text], [401, ''])
      })
    }

    const bad = {
      'a malformed key': `${good.value.slice(0, -1)}_`,
      'a key with a wrong checksum': good.value.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
      'a key that never was': mintKey().key,
      'an expired key': expired.value,
      'a revoked key': revoked.value,
      nonsense: 'nonsense',
    }
    for (const [what, credential] of Object.entries(bad)) {
      it(`refuses ${what}`, async () => {
        const answer = await ask(credential)
        assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_KEY])
        assert.equal(answer.headers.get('www-authenticate'), `Bearer error="invalid_token", ${challenge}`)
      })
    }
    for (const [what, credential] of Object.entries({
      'a token with another signature': `${token.slice(0, -4)}AAAA`,
      'a token of a revoked grant': ended.value,
      'something with three parts': 'a.b.c',
    })) {
      it(`refuses ${what}`, async () => {
        const answer = await ask(credential)
        assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_TOKEN])
        assert.equal(answer.headers.get('www-authenticate'), `Bearer error="invalid_token", ${challenge}`)
      })
    }

    it('refuses a credential in the query, with 401 if there is no other', async () => {
      for (const name of ['access_token', 'api_key']) {
        const inQuery = `${path}?${name}=${good.value}`
        const options = { organization, ...(['POST', 'PUT', 'PATCH'].includes(method) && { body: {} }) }
        assert.equal((await request(method, inQuery, good.value, options)).status, 400)
        assert.deepEqual((await request(method, inQuery, null, options)).body, UNAUTHORIZED_KEY)
      }
    })

    if (access === 'person') {
      it('refuses callers that are not a user: a key, a third-party app', async () => {
        const app = await ada.token({ scopes: ['openid', 'admin:organization'], organizationIds: [organization] })
        for (const credential of [good.value, app.value]) {
          const answer = await ask(credential)
          assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
        }
      })
    }

    if (takesOrganization) {
      it('refuses an organization outside access', async () => {
        for (const credential of [good.value, token]) {
          const answer = await ask(credential, { organization: foreign })
          assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
        }
      })
    }

    if (namesOrganization) {
      it('answers 404 for an organization outside access regardless of the header, and for one that differs from it', async () => {
        const body = ['POST', 'PUT', 'PATCH'].includes(method) ? { body: {} } : {}
        const answers = await Promise.all(
          [foreign, 'org_unknown'].flatMap((id) =>
            [{}, { organization }, { organization: id }].map((header) =>
              request(method, pathIn(id), access === 'person' ? token : good.value, { ...body, ...header }),
            ),
          ),
        )
        for (const { status, text } of answers) {
          assert.equal(status, 404)
          assert.equal(text, JSON.stringify(errorBody(404, 'Not Found', 'Organization not found')))
        }
        const personal = ada.personalOrganizationId
        assert.equal((await ask(token, { organization: personal })).status, 400)
      })
    }

    if (access === 'person' || access === 'authenticated') {
      it('accepts allowed callers', async () => {
        // A personal organization, which cannot be left or deleted.
        const mine = ada.personalOrganizationId
        const { status } = await (access === 'person' && namesOrganization
          ? request(method, pathIn(mine), token, method === 'POST' ? { body: {} } : {})
          : ask(access === 'person' ? token : good.value))
        assert.ok(![401, 403].includes(status), String(status))
      })
      return
    }

    it(`refuses every permission that does not imply ${access}, alone and together`, async () => {
      const others = notImplying(access)
      for (const permissions of [...others.map((name) => [name]), others]) {
        const { value } = await ada.key(organization, permissions)
        const answer = await ask(value)
        assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
        assert.equal(answer.headers.get('www-authenticate'), `Bearer error="insufficient_scope", scope="${access}"`)
      }
    })

    it(`refuses a token whose app was not granted ${access}, and a user without it`, async () => {
      const scopes = ['openid', 'profile', 'email', ...notImplying(access)]
      const { value: app } = await ada.token({ scopes, organizationIds: [organization] })
      const member = await person('Member')
      await member.join(organization, notImplying(access))
      for (const credential of [app, (await member.token()).value]) {
        assert.deepEqual((await ask(credential)).body, FORBIDDEN)
      }
    })

    it(`accepts ${access} and admin:organization`, async () => {
      for (const permission of [access, 'admin:organization'] as const) {
        const { value } = await ada.key(organization, [permission])
        const { value: app } = await ada.token({ scopes: [permission], organizationIds: [organization] })
        for (const credential of [value, app, token]) {
          const { status } = await ask(credential)
          assert.ok(![401, 403].includes(status), String(status))
        }
      }
    })
  })
}
