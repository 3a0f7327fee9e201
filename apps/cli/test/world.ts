import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { browseToCallback } from '../../standalone/test/oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from '../../standalone/test/standalone.ts'
import { type ExitCode, run } from '../src/run.ts'

// One server for all of the tests that need one: everything, as `pnpm start` starts it.
const dataDir = join(await createTempDirectory({ after }), '.data')
const { url, database } = await testDatabase()
const server = await startStandalone({ after }, { dataDir, env: { DATABASE_URL: url } })
await server.ready()

export const { origin } = server
export const { user, organizationId, apiKey } = await readCredentials(dataDir)
export { database }

/** One run of the command. */
export interface Ran {
  readonly code: ExitCode
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Record<string, string>
  /** Standard input. */
  readonly input?: string
}

/** Somebody's own configuration, and the command in it. */
export interface Home {
  /** Of the environment. */
  readonly env: Readonly<Record<string, string>>
  daytona(args: readonly string[], options?: RunOptions): Promise<Ran>
}

// Here, since `after` within a hook or a test is about that one.
const homes = await createTempDirectory({ after })

/** An empty one. At once: a file that waits before it says what its tests are may find that all of them are over. */
export function emptyHome(env: Record<string, string> = {}): Home {
  const directory = mkdtempSync(join(homes, 'home-'))
  const own = { XDG_CONFIG_HOME: directory, ...env }
  return {
    env: own,
    daytona: (args, { env: more, input = '' } = {}) => inProcess(args, { ...own, ...more }, input),
  }
}

/** One that is known by the first key, which may do everything in the shared organization. */
export const homeWithKey = (): Home => emptyHome({ DAYTONA_API_URL: origin, DAYTONA_API_KEY: apiKey })

export const configFileOf = ({ env }: Home): string => join(String(env['XDG_CONFIG_HOME']), 'daytona-auth/config.json')

export const configOf = async (home: Home) => JSON.parse(await readFile(configFileOf(home), 'utf8'))

/** A home where the owner is logged in, by a browser that follows redirects and fills in forms. */
export async function homeWithSession(): Promise<Home> {
  const home = emptyHome()
  const directory = String(home.env['XDG_CONFIG_HOME'])
  const browser = join(directory, 'browser')
  const opened = join(directory, 'opened')
  await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > "${opened}.part" && mv "${opened}.part" "${opened}"\n`, {
    mode: 0o755,
  })
  const login = home.daytona(['login', '--api-url', origin], { env: { BROWSER: browser } })
  const url = new URL(await waitFor(() => readFile(opened, 'utf8'), 20_000))
  const redirectUri = String(url.searchParams.get('redirect_uri'))
  await fetch(await browseToCallback(url, user, { redirectUri }))
  await succeeded(login)
  return home
}

/** How the server answers a credential. */
export async function statusOf(credential: string): Promise<number> {
  const response = await fetch(`${origin}/users/me`, { headers: { authorization: `Bearer ${credential}` } })
  await response.body?.cancel()
  return response.status
}

/** What a run that has to succeed printed. */
export async function succeeded(ran: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await ran
  assert.equal(code, 0, stderr)
  return stdout
}

/** In this process and without a terminal: what is run is what `main.ts` runs. */
async function inProcess(args: readonly string[], env: Record<string, string>, input: string): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([textOf(stdout), textOf(stderr)])
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)])
  const code = await run(args, { stdin, stdout, stderr, env, now: Date.now })
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  return { code, stdout: out, stderr: err }
}

async function textOf(stream: PassThrough): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
