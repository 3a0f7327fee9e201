import assert from 'node:assert/strict'
import { waitFor } from '@daytona-auth/testing'
import {
  authorizationRequest,
  authorize,
  browseToCallback,
  codeOf,
  dashboardClient,
  openSignIn,
  redeemCode,
} from './oauth-flow.ts'
import type { RollingDeployment } from './rolling-deployment.ts'

export const PERSON = { email: 'ada@example.com', password: 'correct horse battery staple 7' }
/** For a browser that is signed in already: a form of a sign-in would be refused. */
const SIGNED_IN = { ...PERSON, password: 'not the password' }

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

export type RotationLoad = Awaited<ReturnType<typeof createRotationLoad>>

/**
 * Creates requests of every kind to a deployment, which are repeated until `stop`, and counts their results: sign-ins with a
 * password and with a session, refreshes, verifications of keys and tokens, and registries with passwords.
 */
export async function createRotationLoad({ origin }: Pick<RollingDeployment, 'origin'>) {
  const client = dashboardClient(origin)
  const counts = { signIns: 0, returns: 0, refreshes: 0, keys: 0, tokens: 0, registries: 0 }
  const failures: unknown[] = []
  /** The passwords of the registries, by id. */
  const registries = new Map<string, string>()
  let isStopped = false

  async function send(path: string, credential: string, body?: object) {
    const response = await fetch(origin + path, {
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }

  async function readTokens(response: Response): Promise<Tokens> {
    const tokens = (await response.json()) as Tokens
    assert.equal(response.status, 200, JSON.stringify(Object.keys(tokens)))
    await send('/users/me', tokens.access_token)
    counts.tokens += 1
    return tokens
  }

  const signIn = async (person = PERSON, cookies = new Map<string, string>()): Promise<Tokens> =>
    readTokens(await redeemCode(origin, client, await authorize(origin, person, client, cookies)))

  const first = await signIn()
  const permissions = ['read:registries', 'write:registries']
  const { value: key } = await send('/api-keys', first.access_token, { name: 'load', permissions })
  const browser = new Map<string, string>()
  await signIn(PERSON, browser)

  const repeated: Readonly<Record<string, () => Promise<void>>> = {
    async signIns() {
      await signIn()
    },
    async returns() {
      await signIn(SIGNED_IN, browser)
    },
    async keys() {
      await send('/api-keys/current', key)
    },
    async registries() {
      const password = `password ${registries.size} of a registry`
      const url = 'https://registry.example.test'
      const { id } = await send('/docker-registry', key, {
        name: `r ${registries.size}`,
        url,
        username: 'ada',
        password,
      })
      registries.set(id, password)
    },
  }

  async function untilStopped(work: () => Promise<unknown>): Promise<void> {
    while (!isStopped && failures.length === 0) await work().catch((error: unknown) => failures.push(error))
  }

  async function refreshing(): Promise<void> {
    let tokens = await signIn()
    await untilStopped(async () => {
      const body = { client_id: client.clientId, grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
      tokens = await readTokens(
        await fetch(`${origin}/oauth/token`, { method: 'POST', body: new URLSearchParams(body) }),
      )
      counts.refreshes += 1
    })
  }

  return {
    failures,
    registries,
    summary: () =>
      Object.entries(counts)
        .map(([what, count]) => `${count} ${what}`)
        .join(', '),
    begin: () =>
      Promise.all([
        refreshing(),
        ...Object.entries(repeated).map(([what, work]) =>
          untilStopped(async () => {
            await work()
            counts[what as keyof typeof counts] += 1
          }),
        ),
      ]),
    stop: () => {
      isStopped = true
    },
    /** Waits for more successful requests of each kind. @throws at the first failure, which also ends the load */
    async waitForMore(): Promise<void> {
      const before = { ...counts }
      const isEnough = () =>
        Object.entries(before).every(([what, count]) => counts[what as keyof typeof counts] > count)
      await waitFor(() => failures.length > 0 || isEnough(), 60_000)
      assert.deepEqual(failures, [])
    },
    /** Opens the sign-in page in a new browser. The result submits its form and redeems the code. */
    async openSignIn(): Promise<() => Promise<Tokens>> {
      const cookies = new Map<string, string>()
      const { url, verifier } = authorizationRequest(origin, client)
      const { action, csrf } = await openSignIn(url, cookies)
      return async () => {
        const form = new URLSearchParams({ csrf, ...PERSON })
        const callback = await browseToCallback(action, PERSON, client, cookies, form)
        return readTokens(await redeemCode(origin, client, { callback, code: codeOf(callback), verifier }))
      }
    },
  }
}
