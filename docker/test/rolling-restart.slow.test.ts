import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import { freePort, reversed, type Scope, type ServerProcess, startServerProcess, waitFor } from '@daytona-auth/testing'
import { authorize, type Client, dashboardClient, redeemCode } from '../../apps/standalone/test/oauth-flow.ts'
import { createAndUseKey } from '../try/journey.ts'
import { databaseUrls } from '../try/servers.ts'
import { compose, environmentOf } from './compose.ts'
import { type Nginx, nginxMissing, startNginx, WORKERS } from './nginx.ts'

const RESTARTS = 20
/** Clients of each kind; each has a connection and waits between its requests, so that nginx has idle connections. */
const CLIENTS = { reading: 16, denied: 12, refreshing: 12, redeeming: 4 }
const PAUSE_MS = 40
/** Requests of each worker of nginx to each server between two restarts. */
const REQUESTS = 20
const SERVERS = ['oidc', 'api'] as const

it(`${RESTARTS} restarts behind nginx, one server at a time, lose no request`, { skip: nginxMissing() }, async (t) => {
  const scope = reversed(t)
  const { nginx, servers } = await deployed(scope)
  const { origin } = nginx
  const traffic = await startTraffic(origin)

  for (let restart = 0; restart < RESTARTS; restart += 1) {
    const server = servers[restart % servers.length]
    assert.ok(server)
    await untilUsed(nginx, servers)
    server.process.child.kill('SIGTERM')
    assert.equal(await server.process.ended, 0, server.process.output.stderr)
    await server.start()
  }
  const failures = await traffic.stop()
  const requests = await nginx.requests()
  const failed = requests.filter(({ status }) => status >= 500).length
  const repeated = requests.filter(({ ports }) => ports.length > 1).length
  t.diagnostic(`${requests.length} requests, ${failed} failed, ${repeated} repeated by nginx on the other server`)
  assert.deepEqual(failures, [])
  assert.equal(failed, 0, await nginx.errors())
  assert.ok(requests.length > RESTARTS * REQUESTS)
})

/** Resolves when every worker of nginx has sent requests to every server: none avoids one that was restarted before. */
async function untilUsed(nginx: Nginx, servers: readonly Replica[]): Promise<void> {
  const { length: first } = await nginx.requests()
  await waitFor(async () => {
    await delay(100)
    const counts = new Map<string, number>()
    for (const { worker, ports } of (await nginx.requests()).slice(first)) {
      const pair = `${worker} ${ports.at(-1)}`
      counts.set(pair, (counts.get(pair) ?? 0) + 1)
    }
    const used = [...counts.values()].filter((count) => count >= REQUESTS)
    return used.length === WORKERS * servers.length
  }, 120_000)
}

interface Replica {
  readonly port: number
  process: ServerProcess
  start(): Promise<void>
}

/** Starts PostgreSQL, nginx and two processes of each server with the environment of compose.yaml. */
async function deployed(scope: Scope): Promise<{ nginx: Nginx; servers: readonly Replica[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'daytona-auth-rolling-'))
  scope.after(() => rm(folder, { recursive: true, force: true }))
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    password: newDatabasePassword(),
    durable: false,
  })
  scope.after(() => postgres.stop())
  const urls = await databaseUrls(postgres.url)
  await migrate(urls.owner, { roles: { api: 'daytona_auth_api', provider: 'daytona_auth_oidc' } })
  const ports = {
    api: [await freePort(), await freePort()],
    oidc: [await freePort(), await freePort()],
  }
  const nginx = await startNginx(scope, ports)
  const secrets = {
    api: { RESOURCE_SECRETS_KEY: secret(), AUDIT_ANCHOR_KEYS: secret() },
    oidc: { SIGNING_KEYS_SECRET: secret(), COOKIE_KEYS: secret() },
  }
  const servers: Replica[] = []
  for (const name of SERVERS) {
    for (const port of ports[name]) {
      const env = {
        ...Object.fromEntries(
          Object.entries(environmentOf(compose.services[name] ?? { image: '' })).filter(
            ([key]) => !/_FILE$|METRICS/.test(key),
          ),
        ),
        ...secrets[name],
        ISSUER: nginx.origin,
        DATABASE_URL: urls[name],
        TRUSTED_PROXIES: '127.0.0.1',
        LOG_LEVEL: 'info',
        PORT: String(port),
        // Not what is examined here.
        REQUESTS_PER_MINUTE: '1000000',
      }
      const main = join(import.meta.dirname, '../../apps', name, 'src/main.ts')
      const run = () => startServerProcess(scope, [process.execPath, main], { env })
      const replica: Replica = {
        port,
        process: run(),
        async start() {
          replica.process = run()
          await isReady(replica)
        },
      }
      await isReady(replica)
      servers.push(replica)
    }
  }
  return { nginx, servers }
}

const isReady = ({ port, process }: Replica) =>
  process.ready(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).status === 200)

const secret = () => randomBytes(32).toString('base64url')

/** Starts clients of every kind, and returns once each has sent a request. `stop` returns what was not answered as expected. */
async function startTraffic(origin: string): Promise<{ stop(): Promise<string[]> }> {
  const app: Client = dashboardClient(origin, 'openid offline_access')
  const person = { email: 'ada@example.com', password: secret(), name: 'Ada' }
  const cookies = new Map<string, string>()
  const signIn = () => authorize(origin, person, app, cookies)
  const tokensOf = async (response: Response): Promise<Tokens> => {
    const body = (await response.json()) as Tokens
    assert.equal(response.status, 200, JSON.stringify(body))
    return body
  }
  const { access_token: token } = await tokensOf(await redeemCode(origin, app, await signIn()))
  const key = await createAndUseKey(origin, token)
  const withKey = { authorization: `Bearer ${key}` }
  const expect = async (status: number, response: Response) => {
    await response.arrayBuffer()
    assert.equal(response.status, status)
  }

  const kinds: Readonly<Record<keyof typeof CLIENTS, () => Promise<() => Promise<void>>>> = {
    reading: async () => async () => expect(200, await fetch(`${origin}/sandbox`, { headers: withKey })),
    // A POST, which nginx does not repeat on the other server.
    denied: async () => async () =>
      expect(403, await fetch(`${origin}/sandbox`, { method: 'POST', headers: withKey, body: '{}' })),
    async refreshing() {
      let { refresh_token: refreshToken } = await tokensOf(await redeemCode(origin, app, await signIn()))
      return async () => {
        const body = new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: app.clientId,
          refresh_token: refreshToken,
        })
        refreshToken = (await tokensOf(await fetch(`${origin}/oauth/token`, { method: 'POST', body }))).refresh_token
      }
    },
    redeeming: async () => async () => void (await tokensOf(await redeemCode(origin, app, await signIn()))),
  }

  let isOver = false
  const failures: string[] = []
  const running: Promise<void>[] = []
  for (const [kind, count] of Object.entries(CLIENTS) as [keyof typeof CLIENTS, number][]) {
    for (let client = 0; client < count; client += 1) {
      const send = await kinds[kind]()
      await send()
      running.push(repeat(kind, send))
    }
  }
  async function repeat(kind: string, send: () => Promise<void>): Promise<void> {
    while (!isOver) {
      await delay(PAUSE_MS)
      await send().catch((error: unknown) => failures.push(`${kind}: ${error}`))
    }
  }
  return {
    async stop() {
      isOver = true
      await Promise.all(running)
      return failures
    },
  }
}

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}
