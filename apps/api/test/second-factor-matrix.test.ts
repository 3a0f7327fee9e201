import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { routesOf } from './routes.ts'
import { FORBIDDEN, world } from './world.ts'

const { request, person, database } = await world({ after }, { REQUESTS_PER_MINUTE: '100000' })
const sql = database.$client
await sql`INSERT INTO oidc_clients (id, name, type, redirect_uris, scopes, first_party)
  VALUES ('daytona-cli', 'CLI', 'native', '{http://127.0.0.1/callback}', '{openid}', true)`
const ada = await person()

/** Routes that would end what the others act in; they get an organization of their own. */
const ENDING = ['DELETE /organizations/{organizationId}', 'POST /organizations/{organizationId}/leave']
const routes = routesOf(await request('GET', '/openapi.json')).filter(
  ({ namesOrganization, takesOrganization }) => namesOrganization || takesOrganization,
)

/** Each kind of credential, and whether a second factor was given at its sign-in. Null: it has no sign-in. */
const KINDS = {
  'the dashboard, with a password': ['dashboard', ACR.password],
  'the dashboard, of an earlier release': ['dashboard', undefined],
  'the dashboard, in a trusted browser': ['dashboard', ACR.trustedBrowser],
  'the dashboard, with a second factor': ['dashboard', ACR.multiFactor],
  'a device, with a password': ['daytona-cli', ACR.password],
  'a device, with a second factor': ['daytona-cli', ACR.multiFactor],
  'an app, with a password': ['third-party', ACR.password],
  'an app, with a second factor': ['third-party', ACR.multiFactor],
  'an API key': ['key', null],
} as const
type Kind = keyof typeof KINDS
const ALL_KINDS = Object.keys(KINDS) as Kind[]

const SCOPES = ['openid', 'profile', 'email', 'admin:organization']

async function makeScene(isRequired: boolean) {
  const organization = await ada.organization()
  const bob = await person('Bob')
  await bob.join(organization, 'owner')
  const credentials = new Map<Kind, string>()
  for (const kind of ALL_KINDS) {
    const [client, acr] = KINDS[kind]
    if (client === 'key') {
      credentials.set(kind, (await ada.key(organization, ['admin:organization'])).value)
      continue
    }
    const app =
      client === 'dashboard' ? undefined : { clientId: client, scopes: SCOPES, organizationIds: [organization] }
    credentials.set(kind, (await ada.token(app, undefined, { acr })).value)
  }
  if (isRequired) await sql`UPDATE organizations SET require_second_factor = true WHERE id = ${organization}`
  return { organization, credentials }
}

const isWeak = (kind: Kind) => KINDS[kind][1] === ACR.password || KINDS[kind][1] === undefined

it('covers the routes of an organization', () => {
  assert.ok(routes.length > 50, String(routes.length))
  const names = routes.map(({ method, template }) => `${method} ${template}`)
  assert.ok(ENDING.every((name) => names.includes(name)))
})

for (const isRequired of [true, false]) {
  describe(`an organization that ${isRequired ? 'requires' : 'does not require'} a second factor`, async () => {
    const shared = await makeScene(isRequired)
    for (const { method, template, pathIn, access } of routes) {
      const name = `${method} ${template}`
      it(`${name} ${isRequired ? 'refuses people who signed in without one, and no other caller' : 'asks for none'}`, async () => {
        for (const kind of isRequired ? ALL_KINDS : ALL_KINDS.filter(isWeak)) {
          const { organization, credentials } = ENDING.includes(name) ? await makeScene(isRequired) : shared
          const { status, headers, body } = await request(method, pathIn(organization), credentials.get(kind), {
            organization,
            ...(['POST', 'PUT', 'PATCH'].includes(method) && { body: {} }),
          })
          const isPerson = !['key', 'third-party'].includes(KINDS[kind][0])
          if (access === 'person' && !isPerson) {
            assert.deepEqual([status, body], [403, FORBIDDEN], kind)
          } else if (isRequired && isWeak(kind)) {
            assert.deepEqual(
              [status, headers.get('x-error-code'), body],
              [401, 'insufficient_user_authentication', STRONGER],
              kind,
            )
            assert.equal(headers.get('www-authenticate'), CHALLENGE, kind)
          } else {
            assert.ok(![401, 403].includes(status), `${kind}: ${status}`)
          }
        }
      })
    }
  })
}

const STRONGER = {
  statusCode: 401,
  message: 'Unauthorized',
  error: 'A stronger or more recent sign-in is required',
}
const CHALLENGE =
  'Bearer error="insufficient_user_authentication", acr_values="urn:daytona:acr:trusted-browser", resource_metadata="https://api.example.test/.well-known/oauth-protected-resource", error_description="This needs a sign-in with a second factor"'
