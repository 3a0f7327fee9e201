import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@daytona-auth/testing/free-port'
import { waitFor } from '@daytona-auth/testing/wait-for'

export const CADDYFILE = join(import.meta.dirname, '../proxy/Caddyfile')

export interface RunningProxy {
  readonly origin: string
  /** Returns its log so far. */
  log(): string
}

/** Caddy with our Caddyfile, on http and on a free port; stopped with `scope`. */
export async function startProxy(
  scope: { after(tidyUp: () => unknown): void },
  env: Readonly<Record<'PROVIDER_HOST' | 'PROVIDER_PORT' | 'API_HOST' | 'API_PORT', string>>,
): Promise<RunningProxy> {
  const home = await mkdtemp(join(tmpdir(), 'daytona-auth-caddy-'))
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const child: ChildProcess = spawn('caddy', ['run', '--config', CADDYFILE, '--adapter', 'caddyfile'], {
    env: { ...env, PATH: process.env['PATH'], HOME: home, SITE: origin, HTTP_PORT: String(port), HTTPS_PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  scope.after(async () => {
    child.kill('SIGKILL')
    await ended
    await rm(home, { recursive: true, force: true })
  })
  let log = ''
  child.stderr?.on('data', (text) => (log += text))
  await waitFor(async () => child.exitCode !== null || (await fetch(origin)) !== undefined, 10_000)
  if (child.exitCode !== null) throw new Error(`caddy ended: ${log}`)
  return { origin, log: () => log }
}
