import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { isPermission } from '@daytona-auth/auth'
import { type AuditedTx, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { endSession } from '@daytona-auth/db/grants'
import { endUserSession } from '@daytona-auth/db/users'
import { waitFor } from '@daytona-auth/testing'
import { type Route, routesOf } from './routes.ts'
import { world } from './world.ts'
import { BODIES, makeScene, pathOf, type Scene as WritingScene } from './writing-scene.ts'

const { request, person, database, api } = await world(
  { after },
  { REQUESTS_PER_MINUTE: '100000', SANDBOX_CREATIONS_PER_MINUTE: '100000' },
)
const sql = database.$client

const READS = new Set(['GET', 'HEAD'])
const writing = routesOf(await request('GET', '/openapi.json')).filter(
  ({ method, access }) => !READS.has(method) && access !== 'public',
)

const TEST_AUTHORITY = systemAuthority('test')

interface Scene extends WritingScene {
  /** The browser session that the token's grant belongs to. */
  readonly sessionUid: string
}

async function scene(): Promise<Scene> {
  const made = await makeScene({ person, database })
  const sessionUid = randomUUID()
  await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
    VALUES ('Session', ${Buffer.from(sessionUid)}, '{}', ${made.caller.userId}, ${sessionUid}, now() + interval '1 day')`
  await sql`UPDATE grants SET session_uid = ${sessionUid} WHERE id = ${made.token.grantId}`
  return { ...made, sessionUid }
}

type Ending = (scene: Scene, tx: typeof sql, audited: AuditedTx) => Promise<unknown>

/** Ends a credential in a transaction, which statements of the product and of this test share. */
const inTransaction = <T>(change: (tx: typeof sql, audited: AuditedTx) => Promise<T>): Promise<T> =>
  inAudit(database, TEST_AUTHORITY, [], (audited) =>
    change((audited._.session as unknown as { readonly client: typeof sql }).client, audited),
  )

const OF_USER: Record<string, Ending> = {
  'the user is disabled': ({ caller }, tx) => tx`UPDATE users SET disabled_at = now() WHERE id = ${caller.userId}`,
}
const OF_MEMBER: Record<string, Ending> = {
  'the membership is removed': ({ caller, organization }, tx) =>
    tx`DELETE FROM organization_members WHERE user_id = ${caller.userId} AND organization_id = ${organization}`,
}
const OF_ROLE: Record<string, Ending> = {
  'the role is narrowed': ({ caller, organization }, tx) =>
    tx`UPDATE organization_members SET role = 'member' WHERE user_id = ${caller.userId} AND organization_id = ${organization}`,
}
const OF_TOKEN: Record<string, Ending> = {
  'the session is ended by a sign-out': ({ sessionUid }, _tx, audited) => endSession(audited, sessionUid, 'signed out'),
  'the session is ended from elsewhere': ({ caller, sessionUid }, _tx, audited) =>
    endUserSession(audited, caller.userId, sessionUid, 'session ended'),
  // A grant of a browser session expires at the latest when the session does.
  'the session reaches its absolute end': async ({ sessionUid }, tx) => {
    await tx`UPDATE grants SET expires_at = now() - interval '1 s' WHERE session_uid = ${sessionUid}`
    await tx`UPDATE oidc_artifacts SET expires_at = now() - interval '1 s' WHERE model = 'Session' AND uid = ${sessionUid}`
  },
  'the grant is revoked': ({ token }, tx) => tx`UPDATE grants SET revoked_at = now() WHERE id = ${token.grantId}`,
}
const OF_KEY: Record<string, Ending> = {
  'the key is revoked': ({ key }, tx) =>
    tx`UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE id = ${key.id}`,
  'the key is expired': ({ key }, tx) =>
    tx`UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE id = ${key.id}`,
  'the secret has ended': ({ key }, tx) =>
    tx`UPDATE api_key_secrets SET expires_at = '-infinity' WHERE key_id = ${key.id}`,
}

/** A superseded secret under grace can still use resources but cannot manage anything. */
const OF_MANAGEMENT: Record<string, Ending> = {
  'the secret is superseded': ({ key }, tx) =>
    tx`UPDATE api_key_secrets SET expires_at = now() + interval '1 day' WHERE key_id = ${key.id}`,
}
const RESOURCES = new Set(['write:sandboxes', 'write:snapshots', 'write:volumes', 'write:registries'])

interface Case {
  readonly route: Route
  readonly kind: 'token' | 'key'
  readonly name: string
  readonly end: Ending
}

const cases: Case[] = writing.flatMap((route) => {
  const inOrganization = route.namesOrganization || route.takesOrganization
  const shared = { ...OF_USER, ...(inOrganization && OF_MEMBER), ...(isPermission(route.access) && OF_ROLE) }
  const endings = (more: Record<string, Ending>) => Object.entries({ ...shared, ...more })
  return [
    ...endings(OF_TOKEN).map(([name, end]) => ({ route, kind: 'token' as const, name, end })),
    ...(route.access === 'person'
      ? []
      : endings({ ...OF_KEY, ...(!RESOURCES.has(route.access) && OF_MANAGEMENT) }).map(([name, end]) => ({
          route,
          kind: 'key' as const,
          name,
          end,
        }))),
  ]
})

/** Every change has an audit event in the same transaction: without a success event there was no change. */
const successes = async () => {
  const [row] = await sql`SELECT count(*)::int AS count FROM audit_events WHERE status_code < 300`
  return row?.['count']
}

const credentialOf = ({ token, key }: Scene, kind: Case['kind']) => (kind === 'token' ? token : key).value

function headOf({ route, kind }: Case, at: Scene, length: number): string {
  const headers = [
    `${route.method} ${pathOf(route, at)} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${credentialOf(at, kind)}`,
    ...(route.takesOrganization ? [`x-daytona-organization-id: ${at.organization}`] : []),
    'content-type: application/json',
    `content-length: ${length}`,
    'expect: 100-continue',
    'connection: close',
  ]
  return `${headers.join('\r\n')}\r\n\r\n`
}

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const bodyOf = ({ route }: Case) => JSON.stringify(BODIES[`${route.method} ${route.template}`] ?? {})

const METADATA = 'resource_metadata="https://api.example.test/.well-known/oauth-protected-resource"'

/** A 401 after the guard names what one of the guard names: the scope of the route and where to get a credential. */
function checkDenied({ route }: Case, status: number, challenge: string | null | undefined): void {
  assert.ok([401, 403, 404].includes(status), String(status))
  if (status !== 401) return
  const scope = isPermission(route.access) ? `scope="${route.access}", ` : ''
  const description = /^Bearer error="invalid_token", (.*), error_description="The (?:API key is well|access token )/
  assert.equal(description.exec(challenge ?? '')?.[1], `${scope}${METADATA}`)
}

/** Sends the last byte of the body after the credential has ended. */
async function holdBack(one: Case): Promise<void> {
  const at = await scene()
  await request('GET', '/users/me', credentialOf(at, one.kind))
  const socket = await open()
  // Registered first: a server that answers early closes the connection before the last byte is sent.
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(30_000) })
  closed.catch(() => {})
  let received = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    received += chunk
  })
  const body = bodyOf(one)
  socket.write(headOf(one, at, body.length) + body.slice(0, -1))
  // Sent when the guard has checked the headers.
  await waitFor(() => received.startsWith('HTTP/1.1 100'))
  assert.equal(received, 'HTTP/1.1 100 Continue\r\n\r\n')
  await inTransaction((tx, audited) => one.end(at, tx, audited))
  const before = await successes()
  socket.write(body.slice(-1))
  await closed
  assert.equal(await successes(), before)
  const [, challenge] = /^www-authenticate: (.*)\r$/im.exec(received) ?? []
  checkDenied(one, Number(/HTTP\/1\.1 (?!100)(\d+)/.exec(received)?.[1]), challenge)
}

/** Ends the credential while the complete request waits in its transaction. */
async function waitForLock(one: Case): Promise<void> {
  const at = await scene()
  await request('GET', '/users/me', credentialOf(at, one.kind))
  const before = await successes()
  const { answer } = await inTransaction(async (tx, audited) => {
    await tx`SELECT FROM organizations WHERE id = ${at.organization} FOR NO KEY UPDATE`
    await tx`SELECT FROM users WHERE id = ${at.caller.userId} FOR NO KEY UPDATE`
    const waiting = request(one.route.method, pathOf(one.route, at), credentialOf(at, one.kind), {
      ...(one.route.takesOrganization && { organization: at.organization }),
      body: bodyOf(one),
    })
    let isAnswered = false
    void waiting.then(() => {
      isAnswered = true
    })
    await waitFor(async () => isAnswered || (await lockWaits()) > 0)
    await one.end(at, tx, audited)
    return { answer: waiting }
  })
  const { status, headers, text } = await answer
  assert.equal(await successes(), before, `${status} ${text}`)
  checkDenied(one, status, headers.get('www-authenticate'))
}

const lockWaits = async () => {
  const [row] = await sql`
    SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return row?.['count'] as number
}

it('covers the writing routes', () => {
  assert.ok(writing.length >= 30, String(writing.length))
  const known = new Set(writing.map(({ method, template }) => `${method} ${template}`))
  for (const name of Object.keys(BODIES)) assert.ok(known.has(name), name)
})

for (const route of writing) {
  describe(`${route.method} ${route.template}`, () => {
    for (const one of cases.filter((each) => each.route === route)) {
      it(`is refused when ${one.name} before the last byte of the body (${one.kind})`, async () => {
        await holdBack(one)
      })
    }
  })
}

for (const one of cases.filter(({ route }) => `${route.method} ${route.template}` in BODIES)) {
  it(`${one.route.method} ${one.route.template} writes nothing when ${one.name} while it waits for a lock (${one.kind})`, async () => {
    await waitForLock(one)
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
