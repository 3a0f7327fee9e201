import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { browseToCallback, type Person } from '../../standalone/test/oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from '../../standalone/test/standalone.ts'
import { type ExitCode, run } from '../src/run.ts'
import { createRecordingBrowser } from './recording-browser.ts'

// One server for all tests: the whole service, as `pnpm start` starts it.
export const dataDir = join(await createTempDirectory({ after }), '.data')
const { url, database } = await testDatabase()
const server = await startStandalone({ after }, { dataDir, env: { DATABASE_URL: url } })
await server.ready()

export const { origin } = server
export const { user, organizationId, apiKey } = await readCredentials(dataDir)
export { database }

/** Result of one run of the command. */
export interface RunResult {
  readonly code: ExitCode
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Record<string, string>
  /** Standard input. */
  readonly input?: string
  /** By default longer than any answer of the server takes. */
  readonly namesTimeoutMs?: number
}

/** A configuration directory, and the command that uses it. */
export interface Home {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string>>
  daytona(args: readonly string[], options?: RunOptions): Promise<RunResult>
}

// At module level: `after` within a hook or a test belongs to that one.
const homes = await createTempDirectory({ after })

/** Creates an empty home, synchronously: the runner may finish before a file that awaits defines its tests. */
export function createHome(env: Record<string, string> = {}): Home {
  const directory = mkdtempSync(join(homes, 'home-'))
  const own = { XDG_CONFIG_HOME: directory, ...env }
  return {
    env: own,
    daytona: (args, options = {}) => runInProcess(args, { ...options, env: { ...own, ...options.env } }),
  }
}

/** Creates a home with the first key, an administrator of the shared organization. */
export const createHomeWithKey = (): Home => createHome({ DAYTONA_API_URL: origin, DAYTONA_API_KEY: apiKey })

export const getConfigPath = ({ env }: Home): string => join(String(env['XDG_CONFIG_HOME']), 'daytona-auth/config.json')

export const readConfigOf = async (home: Home) => JSON.parse(await readFile(getConfigPath(home), 'utf8'))

/** Creates a home where a person, by default the owner, is logged in by a scripted browser. With a name, they sign up. */
export async function createHomeWithSession(person: Person = user): Promise<Home> {
  const home = createHome()
  const { browser, opened } = await createRecordingBrowser(home)
  const login = home.daytona(['login', '--api-url', origin], { env: { BROWSER: browser } })
  const url = new URL(await waitFor(opened))
  const redirectUri = String(url.searchParams.get('redirect_uri'))
  await fetch(await browseToCallback(url, person, { redirectUri }))
  await expectSuccess(login)
  return home
}

/** Returns the status of a request with the credential. */
export async function getStatus(credential: string): Promise<number> {
  const response = await fetch(`${origin}/users/me`, { headers: { authorization: `Bearer ${credential}` } })
  await response.body?.cancel()
  return response.status
}

/** Requires a run to succeed and returns its output. */
export async function expectSuccess(ran: Promise<RunResult>): Promise<string> {
  const { code, stdout, stderr } = await ran
  assert.equal(code, 0, stderr)
  return stdout
}

/** Runs the command in this process, without a terminal. */
async function runInProcess(
  args: readonly string[],
  { env = {}, input = '', namesTimeoutMs = 60_000 }: RunOptions,
): Promise<RunResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = Promise.all([formatText(stdout), formatText(stderr)])
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)])
  const code = await run(args, { stdin, stdout, stderr, env, now: Date.now, namesTimeoutMs })
  stdout.end()
  stderr.end()
  const [out, err] = await texts
  return { code, stdout: out, stderr: err }
}

async function formatText(stream: PassThrough): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
