import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect as connectTo, createServer } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { json } from 'node:stream/consumers'
import { it } from 'node:test'
import { promisify } from 'node:util'
import { loadApiConfig, startApi } from '@daytona-auth/api'
import { createUser } from '@daytona-auth/db/users'
import { hashPassword, loadProviderConfig, startProvider } from '@daytona-auth/oidc'
import { createLogger } from '@daytona-auth/service'
import { captureLog, type Scope, testDatabase, waitFor } from '@daytona-auth/testing'
import { authorize, dashboardClient, redeemCode } from './oauth-flow.ts'

const COMMAND = join(import.meta.dirname, '../../ops/src/main.ts')
const PERSON = { email: 'ada@example.com', password: 'correct horse battery staple 7' }
const SECRETS = {
  SIGNING_KEYS_SECRET: 'signing keys secret of this test 1',
  COOKIE_KEYS: 'cookie key of this test and long enough',
}
const DAY = 24 * 60 * 60

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

/** Starts a TCP load balancer that assigns connections to the targets in turn (round robin). */
async function startBalancer(scope: Scope) {
  const targets: number[] = []
  let accepted = 0
  const server = createServer((client) => {
    const port = targets[accepted % targets.length] ?? 0
    accepted += 1
    const target = connectTo({ host: '127.0.0.1', port })
    pipeline(client, target, client, () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  scope.after(() => server.close())
  const { port } = server.address() as AddressInfo // it listens on TCP
  return { targets, origin: `http://127.0.0.1:${port}` }
}

/** Starts two providers behind one origin and two APIs on one database, with one user. */
async function startDeployment(t: Scope) {
  const { url, database } = await testDatabase(t)
  const { origin, targets } = await startBalancer(t)
  const env = { DATABASE_URL: url, ISSUER: origin, PORT: '0', LOG_LEVEL: 'warn' }
  const logger = createLogger({ service: 'test', level: 'warn', stream: captureLog().stream })
  const providerConfig = loadProviderConfig({ ...env, ...SECRETS })
  const apiConfig = loadApiConfig({ ...env, REQUESTS_PER_MINUTE: '1000000' })
  // One after the other: the first creates the keys.
  for (let count = 0; count < 2; count += 1) {
    const provider = await startProvider(providerConfig, { logger })
    t.after(() => provider.close())
    targets.push(provider.port)
  }
  const apis = await Promise.all([1, 2].map(() => startApi(apiConfig, { logger })))
  for (const api of apis) t.after(() => api.close())
  const passwordHash = await hashPassword(PERSON.password)
  await createUser(database, { email: PERSON.email, name: 'Ada', passwordHash }, { source: 'test' })
  return {
    origin,
    apis,
    client: dashboardClient(origin),
    /** Lists the ids of the keys that each provider publishes. */
    listPublishedKids: () => Promise.all(targets.map((port) => listPublishedKids(port, new URL(origin).host))),
    /** Runs the operator's command. */
    async rotate() {
      const argv = [COMMAND, 'signing-keys', 'rotate', '-f', 'json']
      const { stdout } = await promisify(execFile)(process.execPath, argv, {
        env: { PATH: process.env['PATH'], DATABASE_URL: url, SIGNING_KEYS_SECRET: SECRETS.SIGNING_KEYS_SECRET },
      })
      return JSON.parse(stdout) as { rotated: boolean; keys: { kid: string; status: string }[] }
    },
    /** Makes the keys older; the database's clock decides. */
    advance: (seconds: number) => database.$client`
      UPDATE signing_keys SET created_at = created_at - make_interval(secs => ${seconds}),
        activated_at = activated_at - make_interval(secs => ${seconds}),
        retired_at = retired_at - make_interval(secs => ${seconds})`,
  }
}

/** Not by `fetch`: it sends another Host header, which the provider refuses. */
async function listPublishedKids(port: number, host: string): Promise<string[]> {
  const request = get({ host: '127.0.0.1', port, path: '/.well-known/jwks.json', headers: { host }, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const { keys } = (await json(response)) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid).toSorted()
}

const readKid = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

/** Sends requests until `stop`, and counts their results. */
function createLoad({ origin, apis, client }: Awaited<ReturnType<typeof startDeployment>>) {
  const counts = { signIns: 0, refreshes: 0, verifications: 0 }
  const failures: unknown[] = []
  const kids = new Set<string>()
  let isStopped = false

  /** Presents the token to both APIs. */
  async function verify(token: string): Promise<void> {
    for (const api of apis) {
      assert.equal(await fetchStatus(api.url, token), 200)
      counts.verifications += 1
    }
  }

  async function signIn(): Promise<Tokens> {
    const answer = await redeemCode(origin, client, await authorize(origin, PERSON, client))
    return readTokens(answer)
  }

  async function readTokens(answer: Response): Promise<Tokens> {
    const tokens = (await answer.json()) as Tokens
    assert.equal(answer.status, 200, JSON.stringify(Object.keys(tokens)))
    kids.add(readKid(tokens.access_token))
    await verify(tokens.access_token)
    return tokens
  }

  async function refresh({ refresh_token }: Tokens): Promise<Tokens> {
    const body = new URLSearchParams({ client_id: client.clientId, grant_type: 'refresh_token', refresh_token })
    // A new connection each, so that both providers get requests.
    const headers = { connection: 'close' }
    return readTokens(await fetch(`${origin}/oauth/token`, { method: 'POST', headers, body }))
  }

  async function untilStopped(work: () => Promise<unknown>): Promise<void> {
    while (!isStopped && failures.length === 0) await work().catch((error) => failures.push(error))
  }

  async function refreshing(): Promise<void> {
    let tokens = await signIn()
    await untilStopped(async () => {
      tokens = await refresh(tokens)
      counts.refreshes += 1
    })
  }

  async function signingIn(): Promise<void> {
    await untilStopped(async () => {
      await signIn()
      counts.signIns += 1
    })
  }

  return {
    counts,
    failures,
    kids,
    signIn,
    verify,
    begin: () => Promise.all([signingIn(), refreshing(), refreshing()]),
    stop: () => {
      isStopped = true
    },
    /** Waits for more successful requests of each kind. @throws at the first failure, which also ends the load */
    async waitForMore(): Promise<void> {
      const { signIns, refreshes } = counts
      const isEnough = () => counts.signIns > signIns && counts.refreshes >= refreshes + 4
      await waitFor(() => failures.length > 0 || isEnough(), 60_000)
      assert.deepEqual(failures, [])
    },
  }
}

async function fetchStatus(url: string, token: string): Promise<number> {
  const answer = await fetch(`${url}/users/me`, { headers: { authorization: `Bearer ${token}` } })
  await answer.body?.cancel()
  return answer.status
}

it('no sign-in, refresh or verification fails while daytona-auth signing-keys rotate replaces the keys', async (t) => {
  const deployment = await startDeployment(t)
  const { listPublishedKids, advance, rotate, apis } = deployment
  const { counts, failures, kids, ...requests } = createLoad(deployment)
  const [old = [], same] = await listPublishedKids()
  assert.deepEqual([old.length, same], [2, old])
  const { access_token: early } = await requests.signIn()
  const underLoad = requests.begin()
  await requests.waitForMore()

  const { rotated, keys } = await rotate()
  const fresh = keys.filter(({ status }) => status === 'next').map(({ kid }) => kid)
  assert.deepEqual([rotated, fresh.length], [true, 2])
  const all = [...old, ...fresh].toSorted()
  await waitFor(async () => (await listPublishedKids()).every((there) => there.length === 4), 20_000)
  await requests.waitForMore()
  // Published, but not used for signing yet: resource servers that cache the published keys must receive them first.
  assert.ok([...kids].every((kid) => old.includes(kid)))

  await advance(600)
  await waitFor(async () => {
    kids.clear()
    await requests.waitForMore()
    return [...kids].every((kid) => fresh.includes(kid))
  }, 60_000)
  assert.deepEqual(await listPublishedKids(), [all, all])
  await requests.verify(early)
  await requests.verify((await requests.signIn()).access_token)

  await advance(30 * DAY + 60)
  await waitFor(async () => (await listPublishedKids()).every((there) => there.length === 2), 20_000)
  assert.deepEqual(await listPublishedKids(), [fresh.toSorted(), fresh.toSorted()])
  for (const api of apis) await waitFor(async () => (await fetchStatus(api.url, early)) === 401, 20_000)
  await requests.waitForMore()
  requests.stop()
  await underLoad
  assert.deepEqual(failures, [])
  t.diagnostic(
    `${Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ')}: 0 failures`,
  )
})
