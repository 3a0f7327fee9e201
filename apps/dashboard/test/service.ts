import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type Scope, waitFor } from '@daytona-auth/testing'

const MAIN = join(import.meta.dirname, '../../standalone/src/main.ts')

/** A first start creates a database and may build the dashboard, on a loaded machine. */
const READY_MS = 120_000

export interface Service {
  readonly origin: string
  readonly organizationId: string
  readonly user: { readonly id: string; readonly email: string; readonly password: string }
  /** A key with `admin:organization`. */
  readonly apiKey: string
  /** Returns the link in the newest mail to an address. */
  linkTo(email: string): Promise<string>
  /** Everything that it has logged. */
  readonly log: () => string
  /** Sends a request with a credential. */
  request(method: string, path: string, credential: string, body?: unknown): Promise<{ status: number; body: unknown }>
}

/** Starts everything as `pnpm start` does, with a database of its own. */
export async function startService(scope: Scope): Promise<Service> {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-dashboard-'))
  // PostgreSQL under root runs as another user, who must be able to enter.
  await chmod(directory, 0o711)
  const dataDir = join(directory, '.data')
  const port = await freePort()
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'debug' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let log = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  const ended = once(child, 'close')
  scope.after(async () => {
    child.kill('SIGTERM')
    await ended
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  })
  await waitFor(() => child.exitCode !== null || output.includes('\nready on '), READY_MS)
  assert.equal(child.exitCode, null, log)
  const origin = `http://localhost:${port}`
  const { user, organizationId, apiKey } = JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8'))
  return {
    origin,
    organizationId,
    user,
    apiKey,
    log: () => log,
    async linkTo(email) {
      const folder = join(dataDir, 'outbox')
      const names = (await readdir(folder)).sort()
      const mails = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
      const mail = mails.findLast((text) => text.includes(`To: ${email}`))
      // Soft line breaks and the escaped `=` of quoted-printable.
      const link = /https?:\/\/\S+/.exec((mail ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '='))?.[0]
      assert.ok(link, `there is no mail to ${email}`)
      return link
    },
    async request(method, path, credential, body) {
      const response = await fetch(origin + path, {
        method,
        headers: {
          authorization: `Bearer ${credential}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    },
  }
}
