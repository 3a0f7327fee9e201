import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { FORM_FAULTS, isPermission, mintKey } from '@daytona-auth/auth'
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
const { value: expiredToken } = await ada.token(undefined, -2000)
const metadata = 'resource_metadata="https://api.example.test/.well-known/oauth-protected-resource"'

/** Requests without a bearer credential: the headers and the query, and what the challenge states about their form. */
const absent = [
  [{}, '', FORM_FAULTS.noHeader],
  [{}, `?api_key=${good.value}`, FORM_FAULTS.inQuery],
  [{}, `?access_token=${token}`, FORM_FAULTS.inQuery],
  [{ 'x-api-key': good.value }, '', FORM_FAULTS.inOtherHeader],
  [{ authorization: 'Basic YTpi' }, '', FORM_FAULTS.notBearer],
  [{ authorization: 'Bearer' }, '', FORM_FAULTS.nothing],
  [{ authorization: good.value }, '', FORM_FAULTS.noScheme],
] as const

const KEY_REFUSED = 'The API key is well-formed, but unknown, expired or revoked'
const TOKEN_REFUSED = 'The access token was not issued by this server, or is revoked'

/** Refused credentials, and what the challenge states about them. */
const refusedKeys = {
  'a malformed key': [`${good.value.slice(0, -1)}_`, FORM_FAULTS.keyCharacter],
  'a key with a wrong checksum': [
    good.value.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
    FORM_FAULTS.keyChecksum,
  ],
  'half a key': [good.value.slice(0, 30), FORM_FAULTS.keyTooShort],
  'a masked key': [`${good.value.slice(0, 8)}${'*'.repeat(20)}${good.value.slice(-4)}`, FORM_FAULTS.keyMasked],
  'a placeholder': ['YOUR_API_KEY', FORM_FAULTS.placeholder],
  'a quoted key': [`"${good.value}"`, FORM_FAULTS.quoted],
  'two keys': [`${good.value},${good.value}`, FORM_FAULTS.notAlone],
  nonsense: ['nonsense', FORM_FAULTS.otherKind],
  'a key that never was': [mintKey().key, KEY_REFUSED],
  'an expired key': [expired.value, KEY_REFUSED],
  'a revoked key': [revoked.value, KEY_REFUSED],
} as const
const refusedTokens = {
  'a token with another signature': [`${token.slice(0, -4)}AAAA`, TOKEN_REFUSED],
  'an expired token with another signature': [`${expiredToken.slice(0, -4)}AAAA`, TOKEN_REFUSED],
  'a token of a revoked grant': [ended.value, TOKEN_REFUSED],
  'an expired token': [expiredToken, 'The access token has expired'],
  'something with three parts': ['a.b.c', FORM_FAULTS.tokenDamaged],
} as const

/** Returns a key with these permissions, which nothing here accepts or ends. Routes share it. */
const refusedKeyWith = memoize((permissions: string) =>
  ada.key(organization, permissions.split(' ').filter(isPermission)),
)

/** Returns the tokens of an app that was granted everything but a permission, and of a member who has everything else. */
const tokensWithout = memoize(async (permission: Parameters<typeof notImplying>[0]) => {
  const others = notImplying(permission)
  const scopes = ['openid', 'profile', 'email', ...others]
  const member = await person('Member')
  await member.join(organization, others)
  return [await ada.token({ scopes, organizationIds: [organization] }), await member.token()].map(({ value }) => value)
})

function memoize<Argument extends string, Made>(make: (argument: Argument) => Promise<Made>) {
  const made = new Map<Argument, Promise<Made>>()
  return (argument: Argument): Promise<Made> => {
    const one = made.get(argument) ?? make(argument)
    made.set(argument, one)
    return one
  }
}

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

    it('refuses a caller without a credential, and states what is wrong with the form', async () => {
      for (const [headers, query, description] of absent) {
        const answer = await request(method, path + query, null, { organization, headers })
        assert.deepEqual([answer.status, answer.body], [401, UNAUTHORIZED_KEY])
        assert.equal(answer.headers.get('www-authenticate'), `Bearer ${challenge}, error_description="${description}"`)
      }
    })

    if (method === 'GET') {
      it('refuses HEAD like GET', async () => {
        const answer = await request('HEAD', path)
        assert.deepEqual([answer.status, answer.text], [401, ''])
      })
    }

    for (const [cases, body] of [
      [refusedKeys, UNAUTHORIZED_KEY],
      [refusedTokens, UNAUTHORIZED_TOKEN],
    ] as const) {
      for (const [what, [credential, description]] of Object.entries(cases)) {
        it(`refuses ${what}, and states what is wrong with its form`, async () => {
          const answer = await ask(credential)
          assert.deepEqual([answer.status, answer.body], [401, body])
          assert.equal(
            answer.headers.get('www-authenticate'),
            `Bearer error="invalid_token", ${challenge}, error_description="${description}"`,
          )
        })
      }
    }

    it('answers unknown, expired and revoked keys byte for byte alike', async () => {
      const answers = []
      for (const credential of [mintKey().key, expired.value, revoked.value]) {
        const { status, text, headers } = await ask(credential)
        const lines = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name))
        answers.push(JSON.stringify([status, text, lines]))
      }
      assert.equal(new Set(answers).size, 1, answers.join('\n'))
    })

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
          assert.match(
            answer.headers.get('www-authenticate') ?? '',
            /^Bearer error="insufficient_scope", error_description="This needs a signed-in person: /,
          )
        }
      })
    }

    if (takesOrganization) {
      it('refuses an organization outside access', async () => {
        for (const credential of [good.value, token]) {
          const answer = await ask(credential, { organization: foreign })
          assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
          assert.equal(
            answer.headers.get('www-authenticate'),
            'Bearer error="insufficient_scope", error_description="X-Daytona-Organization-ID names no organization that this credential has access to"',
          )
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
        const { value } = await refusedKeyWith(permissions.join(' '))
        const answer = await ask(value)
        assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
        assert.equal(
          answer.headers.get('www-authenticate'),
          `Bearer error="insufficient_scope", scope="${access}", error_description="The credential lacks the permission ${access}"`,
        )
      }
    })

    it(`refuses a token whose app was not granted ${access}, and a user without it`, async () => {
      for (const credential of await tokensWithout(access)) {
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
