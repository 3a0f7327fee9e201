import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { type AuditedTx, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import { endSession } from '@daytona-auth/db/grants'
import { insertInvitation } from '@daytona-auth/db/organizations'
import { createEmailVerification, createMailedToken } from '@daytona-auth/db/users'
import { waitFor } from '@daytona-auth/testing'
import { FRESH_SECONDS } from '../src/flows/account/open-account.ts'
import { ACCOUNT_PAGES } from '../src/pages/account-pages.ts'
import { answerDevice, arriveAtConsent } from './browser/device.ts'
import { organizationOf } from './browser/harness.ts'
import { createOutbox } from './browser/outbox.ts'
import { arrive, authorizationRequest, inputOf, send, type Visitor, visitor } from './browser/visitor.ts'
import { browser, DEVICE_CODE, PASSWORD, type Person, post, redeem, type TestClient, testProvider } from './fixture.ts'

const TEST_AUTHORITY = systemAuthority('test')
const MANY = '100000'
const outbox = await createOutbox({ after })
const provider = await testProvider(
  { after },
  {
    env: {
      ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: MANY,
      DEVICE_CODES_ADDRESS_LIMIT: MANY,
      USER_CODE_GUESSES_ADDRESS_LIMIT: MANY,
      OUTBOX_DIR: outbox.directory,
    },
  },
)
const { issuer, database } = provider
const sql = database.$client
const SCOPE = 'openid offline_access read:sandboxes'

/** The state that a step depends on. */
interface Scene {
  readonly person: Person
  readonly organization: OrganizationId
  readonly client: TestClient
}

/** A prepared writing step. */
interface Ready extends Scene {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly visit?: Visitor
  readonly form?: Record<string, string>
  /** The client's authentication. */
  readonly headers?: Record<string, string>
}

async function createScene(type: 'web' | 'native' = 'web'): Promise<Scene> {
  const person = await provider.person()
  const organization = await organizationOf(provider, person, 'Shared')
  await sql`INSERT INTO organization_members (organization_id, user_id, role)
    VALUES (${organization}, ${developer.userId}, 'owner')`
  return { person, organization, client: await createClient(type) }
}
const developer = await provider.person('Developer')
const createClient = (type: 'web' | 'native') =>
  provider.client(developer, {
    type,
    ...(type === 'native' && { redirectUris: ['http://127.0.0.1/callback'] }),
    scopes: SCOPE.split(' '),
  })

const buildAuthorization = ({ client }: Scene, more: Record<string, string> = {}) =>
  authorizationRequest(issuer, {
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: SCOPE,
    prompt: 'consent',
    ...more,
  })

async function openSignInPage(at: Scene) {
  const visit = visitor(issuer)
  const page = await arrive(visit, buildAuthorization(at))
  return { visit, page, start: page.url.pathname }
}

async function openConsentPage(at: Scene) {
  const { visit, page } = await openSignInPage(at)
  const consent = await visit.follow(await send(visit, page, 'sign-in', { email: at.person.email, password: PASSWORD }))
  assert.match(consent.html, /name="decision"/)
  return { visit, page: consent, start: consent.url.pathname.replace(/\/consent$/, '') }
}

/** Submits a consent page and stops at the redirect that resumes the authorization. */
async function submitConsent(at: Scene) {
  const { visit, page } = await openConsentPage(at)
  const answer = await send(visit, page, 'consent', { decision: 'allow', organization: at.organization })
  assert.ok(answer.location, answer.html)
  return { visit, resume: answer.location.pathname }
}

/** Signs in on an account page, whose form it prepares. */
async function prepareAccountForm(at: Scene, path: string, fields: Record<string, string>): Promise<Ready> {
  const visit = visitor(issuer)
  const signIn = await visit.follow(await visit.get(path))
  const page = await visit.follow(await send(visit, signIn, 'sign-in', { email: at.person.email, password: PASSWORD }))
  return { ...at, method: 'POST', path, visit, form: { csrf: inputOf(page, 'csrf'), ...fields } }
}

/** Signs in to the client of a scene in another browser. */
const signInElsewhere = async ({ person, client }: Scene) => {
  const { code } = await browser(provider, person).authorize(client, { scope: SCOPE })
  assert.ok(code)
}

const ACCOUNT_ENDINGS = ['user', 'signed out', 'session removed', 'session expired'] as const

const basic = ({ clientId, secret }: TestClient): Record<string, string> =>
  secret === undefined ? {} : { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` }

async function requestDeviceCode(at: Scene) {
  const { body } = await post(provider, '/oauth/device_authorization', at.client, { scope: SCOPE })
  return { deviceCode: body['device_code'] ?? '', userCode: body['user_code'] ?? '' }
}

const STEPS: Record<string, { readonly endings: readonly Ending[]; prepare(): Promise<Ready> }> = {
  'the sign-in form': {
    endings: ['user'],
    async prepare() {
      const at = await createScene()
      const { visit, page, start } = await openSignInPage(at)
      const form = { csrf: inputOf(page, 'csrf'), email: at.person.email, password: PASSWORD }
      return { ...at, method: 'POST', path: `${start}/sign-in`, visit, form }
    },
  },
  'the consent form, allowed': {
    endings: ['user', 'signed out', 'session removed', 'session expired', 'client', 'membership'],
    async prepare() {
      const at = await createScene()
      const { visit, page, start } = await openConsentPage(at)
      const form = { csrf: inputOf(page, 'csrf'), decision: 'allow', organization: at.organization }
      return { ...at, method: 'POST', path: `${start}/consent`, visit, form }
    },
  },
  'the consent form, denied': {
    endings: ['user', 'signed out', 'session removed', 'session expired', 'client'],
    async prepare() {
      const at = await createScene()
      const { visit, page, start } = await openConsentPage(at)
      const form = { csrf: inputOf(page, 'csrf'), decision: 'deny' }
      return { ...at, method: 'POST', path: `${start}/consent`, visit, form }
    },
  },
  'an authorization that is resumed': {
    endings: ['user', 'signed out', 'session removed', 'session expired', 'client', 'consent'],
    async prepare() {
      const at = await createScene()
      const { visit, resume } = await submitConsent(at)
      return { ...at, method: 'GET', path: resume, visit }
    },
  },
  'an authorization without a page': {
    endings: ['user', 'signed out', 'session removed', 'session expired', 'client', 'consent'],
    async prepare() {
      const at = await createScene()
      const { visitor: visit, authorize } = browser(provider, at.person)
      await authorize(at.client, { scope: 'openid' })
      const url = new URL(buildAuthorization(at, { scope: 'openid', prompt: 'none' }).url)
      return { ...at, method: 'GET', path: url.pathname + url.search, visit }
    },
  },
  'the approval of a device': {
    endings: ['user', 'signed out', 'session removed', 'session expired', 'client', 'consent'],
    async prepare() {
      const at = await createScene('native')
      const { userCode } = await requestDeviceCode(at)
      const visit = visitor(issuer)
      const page = await arriveAtConsent(visit, userCode, at.person)
      const answer = await send(visit, page, 'consent', { decision: 'allow', organization: at.organization })
      assert.ok(answer.location, answer.html)
      return { ...at, method: 'GET', path: answer.location.pathname, visit }
    },
  },
  'a code': {
    endings: ['user', 'signed out', 'client', 'grant'],
    async prepare() {
      const at = await createScene()
      const { code, verifier, redirectUri } = await browser(provider, at.person).authorize(at.client, { scope: SCOPE })
      const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri }
      return { ...at, method: 'POST', path: '/oauth/token', form, headers: basic(at.client) }
    },
  },
  'a refresh token': {
    endings: ['user', 'signed out', 'client', 'grant'],
    async prepare() {
      const at = await createScene()
      const authorization = await browser(provider, at.person).authorize(at.client, { scope: SCOPE, prompt: 'consent' })
      const { body } = await redeem(provider, at.client, authorization)
      const form = { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' }
      return { ...at, method: 'POST', path: '/oauth/token', form, headers: basic(at.client) }
    },
  },
  'a device code': {
    endings: ['user', 'client', 'grant'],
    async prepare() {
      const at = await createScene('native')
      const { deviceCode, userCode } = await requestDeviceCode(at)
      await answerDevice(visitor(issuer), userCode, at.person, { decision: 'allow', organization: [at.organization] })
      const form = { grant_type: DEVICE_CODE, device_code: deviceCode, client_id: at.client.clientId }
      return { ...at, method: 'POST', path: '/oauth/token', form }
    },
  },
  'the link of an invitation': {
    endings: ['user'],
    async prepare() {
      const at = await createScene()
      const token = randomBytes(32).toString('base64url')
      await sql`UPDATE users SET email_verified = false WHERE id = ${at.person.userId}`
      const content = {
        email: at.person.email,
        role: 'member' as const,
        roleIds: [],
        invitedBy: developer.userId,
        expiresAt: new Date(Date.now() + 60_000),
        tokenDigest: hash('sha256', token, 'buffer'),
      }
      await inTestTransaction((tx) => insertInvitation(tx, developer.organizationId, newId('inv'), content))
      return { ...at, method: 'POST', path: '/oauth/invitation', form: { token, password: PASSWORD } }
    },
  },
  'the verification link of an address': {
    endings: ['user'],
    async prepare() {
      const at = await createScene()
      const { userId, email } = at.person
      const token = randomBytes(32).toString('base64url')
      await sql`UPDATE users SET email_verified = false WHERE id = ${userId}`
      const mail = { email, tokenDigest: hash('sha256', token, 'buffer'), expiresAt: new Date(Date.now() + 60_000) }
      await inTestTransaction((tx) => createEmailVerification(tx, userId, mail))
      return { ...at, method: 'POST', path: '/oauth/verify-email', form: { token, password: PASSWORD } }
    },
  },
  'the recovery link of an account': {
    endings: ['user'],
    async prepare() {
      const at = await createScene()
      const token = await createToken(at, 'recovery')
      return { ...at, method: 'POST', path: '/oauth/recovery/password', form: { token, password: NEW_PASSWORD } }
    },
  },
  'the link that revokes keys': {
    endings: ['user'],
    async prepare() {
      const at = await createScene()
      const token = await createToken(at, 'key-revocation')
      return { ...at, method: 'POST', path: '/oauth/recovery/keys', form: { token } }
    },
  },
  'the form of the profile': {
    endings: ACCOUNT_ENDINGS,
    prepare: async () => prepareAccountForm(await createScene(), ACCOUNT_PAGES.profile, { name: 'Ada King' }),
  },
  'the form of the password': {
    endings: ACCOUNT_ENDINGS,
    prepare: async () =>
      prepareAccountForm(await createScene(), ACCOUNT_PAGES.password, {
        password: PASSWORD,
        new_password: NEW_PASSWORD,
      }),
  },
  'the form of a session': {
    endings: ACCOUNT_ENDINGS,
    async prepare() {
      const at = await createScene()
      await signInElsewhere(at)
      const [other] = await sql`
        SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${at.person.userId}`
      return prepareAccountForm(at, ACCOUNT_PAGES.sessions, { session: other?.['uid'] })
    },
  },
  'the form of all other sessions': {
    endings: ACCOUNT_ENDINGS,
    async prepare() {
      const at = await createScene()
      await signInElsewhere(at)
      return prepareAccountForm(at, ACCOUNT_PAGES.sessions, { decision: 'others' })
    },
  },
  'the form of an app': {
    endings: ACCOUNT_ENDINGS,
    async prepare() {
      const at = await createScene()
      await signInElsewhere(at)
      return prepareAccountForm(at, ACCOUNT_PAGES.apps, { client: at.client.clientId })
    },
  },
  'the form that requests another address': {
    endings: [...ACCOUNT_ENDINGS, 'recent sign-in'],
    prepare: async () => prepareAccountForm(await createScene(), ACCOUNT_PAGES.email, { email: nextAddress() }),
  },
  'the form that cancels a change of the address': {
    endings: ACCOUNT_ENDINGS,
    async prepare() {
      const at = await createScene()
      await createToken(at, 'email-change-new', nextAddress())
      return prepareAccountForm(at, ACCOUNT_PAGES.email, { decision: 'cancel' })
    },
  },
  'the link that confirms another address': {
    endings: ['user'],
    async prepare() {
      const at = await createScene()
      const token = await createToken(at, 'email-change-new', nextAddress())
      return { ...at, method: 'POST', path: '/oauth/email-change/new', form: { token, decision: 'confirm' } }
    },
  },
  'the link that cancels a change of the address': {
    endings: ['user'],
    async prepare() {
      const at = await createScene()
      const token = await createToken(at, 'email-change-current', nextAddress())
      return { ...at, method: 'POST', path: '/oauth/email-change/current', form: { token, decision: 'cancel' } }
    },
  },
  'the form that deletes the account': {
    endings: [...ACCOUNT_ENDINGS, 'recent sign-in'],
    async prepare() {
      const at = await createScene()
      return prepareAccountForm(at, ACCOUNT_PAGES.deletion, { decision: 'delete', email: at.person.email })
    },
  },
}

let addresses = 0
const nextAddress = () => {
  addresses += 1
  return `another${addresses}@example.com`
}

const NEW_PASSWORD = 'violin harbor teacup 9'

/** Stores a mailed token of a person, and returns it. */
async function createToken(
  { person: { userId, email } }: Scene,
  purpose: Parameters<typeof createMailedToken>[2],
  newEmail?: string,
) {
  const token = randomBytes(32).toString('base64url')
  const expiresAt = new Date(Date.now() + 60_000)
  const mail = {
    email,
    tokenDigest: hash('sha256', token, 'buffer'),
    expiresAt,
    ...(newEmail !== undefined && { newEmail }),
  }
  await inTestTransaction((tx) => createMailedToken(tx, userId, purpose, mail))
  return token
}

const inTestTransaction = <T>(change: (tx: AuditedTx) => Promise<T>) => inAudit(database, TEST_AUTHORITY, [], change)

/** SQL in the ending transaction, beside drizzle's statements. */
type Sql = typeof sql
const clientOfTransaction = (tx: AuditedTx) => (tx._.session as unknown as { readonly client: Sql }).client

type Ending =
  | 'user'
  | 'signed out'
  | 'session removed'
  | 'session expired'
  | 'recent sign-in'
  | 'client'
  | 'membership'
  | 'consent'
  | 'grant'
const ENDINGS: Record<Ending, (at: Scene, run: Sql, tx: AuditedTx) => Promise<unknown>> = {
  user: ({ person }, run) => run`UPDATE users SET disabled_at = now() WHERE id = ${person.userId}`,
  async 'signed out'({ person }, run, tx) {
    const sessions = await run`SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${person.userId}`
    for (const { uid } of sessions) await endSession(tx, uid, 'signed out')
  },
  // As an administrator does in psql.
  'session removed': ({ person }, run) =>
    run`DELETE FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${person.userId}`,
  'session expired': ({ person }, run) => run`
    UPDATE oidc_artifacts SET expires_at = now() - interval '1 minute',
      payload = payload || jsonb_build_object('exp', extract(epoch FROM now())::int - 60)
    WHERE model = 'Session' AND account_id = ${person.userId}`,
  'recent sign-in': ({ person }, run) => run`
    UPDATE oidc_artifacts
    SET payload = payload || jsonb_build_object('loginTs', extract(epoch FROM now())::int - ${FRESH_SECONDS + 1}::int)
    WHERE model = 'Session' AND account_id = ${person.userId}`,
  client: ({ client }, run) => run`DELETE FROM oidc_clients WHERE id = ${client.clientId}`,
  membership: ({ person, organization }, run) =>
    run`DELETE FROM organization_members WHERE user_id = ${person.userId} AND organization_id = ${organization}`,
  consent: ({ person }, run) => run`DELETE FROM consents WHERE user_id = ${person.userId}`,
  grant: ({ person }, run) => run`UPDATE grants SET revoked_at = now() WHERE user_id = ${person.userId}`,
}

/** Counts everything that a step can write in the user's name. */
async function countWrites({ person: { userId } }: Scene, run: Sql) {
  const [row] = await run`
    SELECT
      (SELECT count(*)::int FROM audit_events WHERE actor_id = ${userId} AND status_code < 300) AS events,
      (SELECT count(*)::int FROM grants WHERE user_id = ${userId} AND revoked_at IS NULL) AS grants,
      (SELECT count(*)::int FROM consents WHERE user_id = ${userId}) AS consents,
      (SELECT count(*)::int FROM consent_organizations WHERE user_id = ${userId}) AS organizations,
      (SELECT count(*)::int FROM oidc_artifacts WHERE account_id = ${userId} AND model <> 'Session') AS artifacts,
      (SELECT email_verified FROM users WHERE id = ${userId}) AS verified`
  return row
}

interface Sent {
  readonly outgoing: ClientRequest
  readonly answer: Promise<{ status: number; location: string; body: string }>
}

/** Sends a request except the last byte of its body. */
function beginRequest({ method, path, visit, form, headers = {} }: Ready): Sent & { readonly rest: string } {
  const body = form === undefined ? '' : new URLSearchParams(form).toString()
  const cookies = (visit?.cookies ?? []).filter((cookie) => path.startsWith(cookie.path))
  const outgoing = request(new URL(path, issuer), {
    method,
    headers: {
      ...headers,
      accept: 'text/html',
      ...(cookies.length > 0 && { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') }),
      ...(form !== undefined && {
        ...(path !== '/oauth/token' && { origin: issuer }),
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(body.length),
        expect: '100-continue',
      }),
    },
  })
  if (body !== '') outgoing.write(body.slice(0, -1))
  const answer = once(outgoing, 'response').then(async ([response]: IncomingMessage[]) => ({
    status: response?.statusCode ?? 0,
    location: response?.headers.location ?? '',
    body: response ? await text(response) : '',
  }))
  return { outgoing, answer, rest: body.slice(-1) }
}

/** Passes for an error page, a protocol error, or a redirect without a code, to a page or to the app. */
function assertDenied({ status, location, body }: Awaited<Sent['answer']>): void {
  const refused = status >= 400 || (status === 303 && !/[?&]code=/.test(location)) || /[?;]error=/.test(body)
  assert.ok(refused && status < 500, `${status} ${location} ${body}`)
  assert.doesNotMatch(body, /access_token|[?&;]code=/)
}

const countLockWaits = async () => {
  const [row] = await sql`
    SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return row?.['count'] as number
}

const cases = Object.entries(STEPS).flatMap(([step, { endings, prepare }]) =>
  endings.map((ending) => ({ step, ending, prepare, end: ENDINGS[ending] })),
)

describe(`a step of the provider (${Object.keys(STEPS).length} steps, ${cases.length} endings)`, () => {
  for (const [step, { prepare }] of Object.entries(STEPS)) {
    it(`succeeds while everything that it depends on exists: ${step}`, async () => {
      const at = await prepare()
      const before = await countWrites(at, sql)
      const { outgoing, answer, rest } = beginRequest(at)
      outgoing.end(rest)
      const { status, body } = await answer
      assert.ok(status < 400, `${status} ${body}`)
      assert.notDeepEqual(await countWrites(at, sql), before)
    })
  }

  for (const { step, ending, prepare, end } of cases) {
    it(`is refused, and writes nothing, if ${ending} ends before the last byte: ${step}`, async () => {
      const at = await prepare()
      const { outgoing, answer, rest } = beginRequest(at)
      if (at.method === 'POST') await once(outgoing, 'continue')
      const before = await inTestTransaction(async (tx) => {
        await end(at, clientOfTransaction(tx), tx)
        return countWrites(at, clientOfTransaction(tx))
      })
      outgoing.end(rest)
      assertDenied(await answer)
      assert.deepEqual(await countWrites(at, sql), before)
    })

    it(`is refused, and writes nothing, if ${ending} ends while the step waits for a lock: ${step}`, async () => {
      const at = await prepare()
      const { before, answer } = await inTestTransaction(async (tx) => {
        const run = clientOfTransaction(tx)
        await run`SELECT FROM users WHERE id = ${at.person.userId} FOR NO KEY UPDATE`
        const sent = beginRequest(at)
        sent.outgoing.end(sent.rest)
        let isAnswered = false
        void sent.answer.then(() => {
          isAnswered = true
        })
        await waitFor(async () => isAnswered || (await countLockWaits()) > 0)
        assert.equal(isAnswered, false, 'the step takes no lock on its user')
        await end(at, run, tx)
        return { before: await countWrites(at, run), answer: sent.answer }
      })
      assertDenied(await answer)
      assert.deepEqual(await countWrites(at, sql), before)
    })
  }
})
