import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { isPermission } from '@daytona-auth/auth'
import { type AuditedTx, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { type Scope, waitFor } from '@daytona-auth/testing'
import { routesOf } from '../routes.ts'
import { world } from '../world.ts'
import { BODIES, makeScene, pathOf } from '../writing-scene.ts'
import type { Case, Scene, Sql } from './endings.ts'

const TEST_AUTHORITY = systemAuthority('test')
const READS = new Set(['GET', 'HEAD'])
const METADATA = 'resource_metadata="https://api.example.test/.well-known/oauth-protected-resource"'

export const credentialOf = ({ token, key }: Scene, kind: Case['kind']) => (kind === 'token' ? token : key).value

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

const bodyOf = ({ route }: Case) => JSON.stringify(BODIES[`${route.method} ${route.template}`] ?? {})

/** A 401 after the guard names what one of the guard names: the scope of the route and where to get a credential. */
export function checkDenied({ route }: Case, status: number, challenge: string | null | undefined): void {
  assert.ok([401, 403, 404].includes(status), String(status))
  if (status !== 401) return
  const scope = isPermission(route.access) ? `scope="${route.access}", ` : ''
  const description = /^Bearer error="invalid_token", (.*), error_description="The (?:API key is well|access token )/
  assert.equal(description.exec(challenge ?? '')?.[1], `${scope}${METADATA}`)
}

/** A server without low limits, and the requests of the tests. */
export async function createRequests(scope: Scope) {
  const { request, person, database, api } = await world(scope, {
    REQUESTS_PER_MINUTE: '100000',
    SANDBOX_CREATIONS_PER_MINUTE: '100000',
  })
  const sql = database.$client

  const writing = routesOf(await request('GET', '/openapi.json')).filter(
    ({ method, access }) => !READS.has(method) && access !== 'public',
  )

  async function scene(): Promise<Scene> {
    const made = await makeScene({ person, database })
    const sessionUid = randomUUID()
    await sql`INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
      VALUES ('Session', ${Buffer.from(sessionUid)}, '{}', ${made.caller.userId}, ${sessionUid}, now() + interval '1 day')`
    await sql`UPDATE grants SET session_uid = ${sessionUid} WHERE id = ${made.token.grantId}`
    return { ...made, sessionUid }
  }

  /** Ends a credential in a transaction, which statements of the product and of this test share. */
  const inTransaction = <T>(change: (tx: Sql, audited: AuditedTx) => Promise<T>): Promise<T> =>
    inAudit(database, TEST_AUTHORITY, [], (audited) =>
      change((audited._.session as unknown as { readonly client: Sql }).client, audited),
    )

  /** Every change has an audit event in the same transaction: without a success event there was no change. */
  const successes = async () => {
    const [row] = await sql`SELECT count(*)::int AS count FROM audit_events WHERE status_code < 300`
    return row?.['count']
  }

  async function open(): Promise<Socket> {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    await once(socket, 'connect')
    return socket
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

  return { request, person, sql, writing, scene, holdBack, waitForLock }
}
