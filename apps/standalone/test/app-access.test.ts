import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import * as openid from 'openid-client'
import { DaytonaAuth, DaytonaAuthError } from '../../../packages/sdk/src/index.ts'
import { createResourceServer } from '../../../packages/sdk/src/resource-server/index.ts'
import { browseToCallback, dashboardClient, obtainAccessToken } from './oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from './standalone.ts'

const dataDir = join(await createTempDirectory({ after }), '.data')
const { url } = await testDatabase()
const running = await startStandalone({ after }, { dataDir, env: { DATABASE_URL: url } })
await running.ready()
const { origin } = running
const { user, organizationId, apiKey } = await readCredentials(dataDir)

/** The bound of a revocation (seconds until a stale channel is not trusted). */
const BOUND_MS = 3000
const REDIRECT = 'https://app.example.com/callback'
const INVOICES = 'https://invoices.example.com'

const owner = new DaytonaAuth({
  apiUrl: origin,
  accessToken: await obtainAccessToken(origin, user, dashboardClient(origin)),
})
const personal = String((await owner.organizations.list()).find((one) => one.personal)?.id)
/** An app of someone else, from the view of the shared organization. */
const { clientId, clientSecret } = await owner.oauthApps.create(
  {
    name: 'Board',
    type: 'web',
    redirectUris: [REDIRECT],
    scopes: ['openid', 'email', 'offline_access', 'read:sandboxes'],
  },
  { organizationId: personal },
)
const config = await openid.discovery(new URL(origin), clientId, String(clientSecret), undefined, {
  execute: [openid.allowInsecureRequests],
})

// Two servers of the organization: one that uses its permissions, and an API with its own audience.
const admin = new DaytonaAuth({ apiUrl: origin, apiKey })
const things = await admin.oauthApps.create({
  name: 'Things',
  type: 'web',
  redirectUris: [REDIRECT],
  scopes: ['openid'],
})
await admin.resourceServers.create({
  identifier: INVOICES,
  name: 'Invoices',
  scopes: [{ name: 'invoices:read', description: 'See your invoices' }],
})
const thingsConfig = await openid.discovery(new URL(origin), things.clientId, String(things.clientSecret), undefined, {
  execute: [openid.allowInsecureRequests],
})
const ofServer = {
  issuer: origin,
  clientId: things.clientId,
  clientSecret: String(things.clientSecret),
  cacheSeconds: 0,
}
const servers = {
  introspecting: createResourceServer({ ...ofServer, audience: origin, accessTokens: 'introspect' }),
  offline: createResourceServer({ ...ofServer, audience: origin, accessTokens: 'offline' }),
}
const invoices = {
  introspecting: createResourceServer({
    ...ofServer,
    audience: INVOICES,
    scopes: ['invoices:read'],
    accessTokens: 'introspect',
  }),
  offline: createResourceServer({
    ...ofServer,
    audience: INVOICES,
    scopes: ['invoices:read'],
    accessTokens: 'offline',
  }),
}

interface Code {
  readonly callback: URL
  readonly verifier: string
}

/** Opens an authorization in a new browser, and allows it in both organizations. */
async function authorize(parameters: Record<string, string>): Promise<Code> {
  const verifier = openid.randomPKCECodeVerifier()
  const address = openid.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    prompt: 'consent',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  })
  const organizationIds = parameters['resource'] ? [] : [organizationId, personal]
  return { callback: await browseToCallback(address, user, { redirectUri: REDIRECT, organizationIds }), verifier }
}

const exchange = ({ callback, verifier }: Code) =>
  openid.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier })
const refresh = async ({ refresh_token }: openid.TokenEndpointResponse) =>
  openid.refreshTokenGrant(config, String(refresh_token))

const OURS = { scope: 'openid email offline_access read:sandboxes' }
const THEIRS = { scope: 'openid offline_access invoices:read', resource: INVOICES }
const isError = (error: string) => (thrown: unknown) =>
  thrown instanceof openid.ResponseBodyError && thrown.error === error

/** What the API answers to a token in the organization: 200, or the code of the error. */
async function inOrganization(accessToken: string, id: string = organizationId): Promise<number | string> {
  const app = new DaytonaAuth({ apiUrl: origin, accessToken })
  try {
    await app.organizations.get(id)
    return 200
  } catch (error) {
    assert.ok(error instanceof DaytonaAuthError)
    return `${error.statusCode} ${error.code}`
  }
}

type Server = ReturnType<typeof createResourceServer>
const guarded = async (server: Server, token: string, requirement: Parameters<Server['guard']>[1]) => {
  const headers = { authorization: `Bearer ${token}`, 'x-daytona-organization-id': organizationId }
  const caller = await server.guard(new Request('https://things.example.com', { headers }), requirement)
  return caller instanceof Response ? caller.status : 200
}
const READ = { scopes: ['invoices:read'] } as const

/** What a server of the organization, or the app itself, sees of a token: whether it is active, and its organizations. */
const introspect = async (token: string, by = thingsConfig) => {
  const answer = await openid.tokenIntrospection(by, token)
  const listed = (answer['organizations'] ?? []) as unknown as { id: string }[]
  return [answer.active, listed.map(({ id }) => id).sort()]
}
const DENIED = [false, []]
const ALLOWED = [true, [organizationId]]

/** Applies a change. Returns once the provider and the API answer as `expected`, which is within the bound. */
async function change(apply: () => Promise<unknown>, token: string, expected: 'denied' | 'allowed'): Promise<void> {
  await apply()
  // The process that answered the change applies it at once.
  assert.equal(await inOrganization(token), expected === 'allowed' ? 200 : '403 app_not_allowed')
  await waitFor(async () => (await introspect(token))[0] === (expected === 'allowed'), BOUND_MS)
}

describe('an app that an organization blocks', () => {
  let tokens: openid.TokenEndpointResponse
  let pending: Code
  let theirs: openid.TokenEndpointResponse
  let theirPending: Code

  before(async () => {
    tokens = await exchange(await authorize(OURS))
    theirs = await exchange(await authorize(THEIRS))
    pending = await authorize(OURS)
    theirPending = await authorize(THEIRS)
    assert.equal(await inOrganization(tokens.access_token), 200)
    assert.deepEqual(await introspect(tokens.access_token), ALLOWED)
    assert.equal(await guarded(servers.introspecting, tokens.access_token, 'read:sandboxes'), 200)
    assert.equal(await guarded(invoices.introspecting, theirs.access_token, READ), 200)
    const block = () => owner.organizations.appAccess.set(organizationId, clientId, { decision: 'blocked' })
    await change(block, tokens.access_token, 'denied')
  })

  it('is denied with the access token that it has, which is valid elsewhere', async () => {
    assert.equal(await inOrganization(tokens.access_token), '403 app_not_allowed')
    assert.equal(await inOrganization(tokens.access_token, personal), 200)
    assert.deepEqual(await introspect(tokens.access_token), DENIED)
    // The app sees its own organization, as before.
    assert.deepEqual(await introspect(tokens.access_token, config), [true, [personal]])
    const { sub } = await openid.fetchUserInfo(config, tokens.access_token, user.id)
    assert.equal(sub, user.id)
  })

  it('is denied with the tokens of a code from before, and of a refresh token', async () => {
    const redeemed = await exchange(pending)
    tokens = await refresh(tokens)
    for (const { access_token: token } of [redeemed, tokens]) {
      assert.equal(await inOrganization(token), '403 app_not_allowed')
      assert.deepEqual(await introspect(token), DENIED)
      assert.equal(await inOrganization(token, personal), 200)
    }
  })

  it('is denied by a server of the organization that introspects; one that checks offline learns nothing of organizations', async () => {
    assert.equal(await guarded(servers.introspecting, tokens.access_token, 'read:sandboxes'), 401)
    assert.equal(await guarded(servers.offline, tokens.access_token, 'read:sandboxes'), 200)
  })

  it('gets no token for an API of the organization, by a code, a refresh token or a new authorization', async () => {
    assert.equal(await guarded(invoices.introspecting, theirs.access_token, READ), 401)
    // Until it expires: an hour at most.
    assert.equal(await guarded(invoices.offline, theirs.access_token, READ), 200)
    assert.deepEqual(await introspect(theirs.access_token), DENIED)
    await assert.rejects(exchange(theirPending), isError('invalid_target'))
    await assert.rejects(refresh(theirs), isError('invalid_target'))
    await assert.rejects(openid.fetchUserInfo(config, theirs.access_token, user.id))
    await assert.rejects(authorize(THEIRS), /invalid_target/)
  })

  it('has its access again after an approval, with what it has and without another consent', async () => {
    const approve = () => owner.organizations.appAccess.set(organizationId, clientId, { decision: 'approved' })
    await change(approve, tokens.access_token, 'allowed')
    assert.deepEqual(await introspect(tokens.access_token), ALLOWED)
    tokens = await refresh(tokens)
    assert.equal(await inOrganization(tokens.access_token), 200)
    assert.equal(await guarded(servers.introspecting, tokens.access_token, 'read:sandboxes'), 200)
    assert.equal(await guarded(invoices.introspecting, theirs.access_token, READ), 200)
    theirs = await refresh(theirs)
    assert.equal(await guarded(invoices.introspecting, theirs.access_token, READ), 200)
    assert.equal(await inOrganization((await exchange(await authorize(OURS))).access_token), 200)
  })

  it('is denied again by the policy, once the approval is deleted', async () => {
    const remove = async () => {
      await owner.organizations.update(organizationId, { appAccess: 'by_approval' })
      assert.equal(await inOrganization(tokens.access_token), 200, 'the approval counts under each policy')
      await owner.organizations.appAccess.delete(organizationId, clientId)
    }
    await change(remove, tokens.access_token, 'denied')
    tokens = await refresh(tokens)
    assert.equal(await inOrganization(tokens.access_token), '403 app_not_allowed')
    await assert.rejects(refresh(theirs), isError('invalid_target'))
  })
})
