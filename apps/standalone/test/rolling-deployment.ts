import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { freePort, type Scope, type ServerProcess, startServerProcess, waitFor } from '@daytona-auth/testing'
import { createTempDirectory } from './standalone.ts'

const APPS = join(import.meta.dirname, '../..')
const PROVIDER_PATH = /^\/(?:oauth\/|\.well-known\/(?:openid-configuration|oauth-authorization-server|jwks\.json))/

export type Part = 'api' | 'oidc'
/** The variables of each part whose values are files of secrets, and the name of each file. */
export type SecretFiles = Readonly<Record<Part, Readonly<Record<string, string>>>>

interface Target {
  readonly port: number
  readonly server: ServerProcess
  pending: number
}

export interface RollingDeployment {
  readonly origin: string
  /** The folder of the files of secrets. */
  readonly secrets: string
  /** The ports of the processes of a part that receive requests. */
  ports(part: Part): readonly number[]
  /** Replaces the processes of a part, one after another, as a rolling restart does. */
  restart(part: Part): Promise<void>
}

/**
 * Starts two processes of each server behind a proxy that sends requests to them in turn. They read their secrets from files
 * when they start. The proxy stops sending requests to a process before that receives SIGTERM.
 */
export async function startRollingDeployment(
  scope: Scope,
  {
    secrets: contents,
    files,
    env,
  }: {
    readonly secrets: Readonly<Record<string, string>>
    readonly files: SecretFiles
    readonly env: Readonly<Record<string, string>>
  },
): Promise<RollingDeployment> {
  const secrets = join(await createTempDirectory(scope), 'secrets')
  await mkdir(secrets, { mode: 0o700 })
  for (const [name, content] of Object.entries(contents))
    await writeFile(join(secrets, name), `${content}\n`, { mode: 0o600 })
  const targets: Record<Part, Target[]> = { api: [], oidc: [] }
  const origin = await startProxy(scope, targets)

  async function start(part: Part): Promise<Target> {
    const port = await freePort()
    const ofFiles = Object.entries(files[part]).map(([variable, file]) => [`${variable}_FILE`, join(secrets, file)])
    const server = startServerProcess(scope, [process.execPath, join(APPS, part, 'src/main.ts')], {
      env: { ...env, ISSUER: origin, PORT: String(port), ...Object.fromEntries(ofFiles) },
    })
    await server.ready(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok)
    return { port, server, pending: 0 }
  }

  // One after the other: the first provider creates the signing keys.
  for (const part of ['oidc', 'oidc', 'api', 'api'] as const) targets[part].push(await start(part))
  return {
    origin,
    secrets,
    ports: (part) => targets[part].map(({ port }) => port),
    async restart(part) {
      for (const old of [...targets[part]]) {
        targets[part].splice(targets[part].indexOf(old), 1)
        await waitFor(() => old.pending === 0, 60_000)
        old.server.child.kill('SIGTERM')
        const code = await old.server.ended
        if (code !== 0) throw new Error(`the ${part} ended with ${code}: ${old.server.output.stderr}`)
        targets[part].push(await start(part))
      }
    },
  }
}

/** Starts a reverse proxy with a connection for each request, so that none is sent on one that its server closes. */
async function startProxy(scope: Scope, targets: Readonly<Record<Part, readonly Target[]>>): Promise<string> {
  const turns: Record<Part, number> = { api: 0, oidc: 0 }
  const proxy = createServer((incoming, outgoing) => {
    const part = PROVIDER_PATH.test(incoming.url ?? '') ? 'oidc' : 'api'
    turns[part] += 1
    const target = targets[part][turns[part] % targets[part].length]
    if (!target) return void outgoing.writeHead(502).end()
    target.pending += 1
    outgoing.on('close', () => {
      target.pending -= 1
    })
    const { url: path, method, headers } = incoming
    const forwarded = request(
      { host: '127.0.0.1', port: target.port, path, method, headers, agent: false },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers)
        pipeline(response, outgoing, () => {})
      },
    ).on('error', () => outgoing.headersSent || outgoing.writeHead(502).end())
    pipeline(incoming, forwarded, () => {})
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  scope.after(() => {
    proxy.close()
    proxy.closeAllConnections()
  })
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` // it listens on TCP
}

/** Reads a file of secrets. */
export const readSecret = async ({ secrets }: RollingDeployment, name: string): Promise<string> =>
  (await readFile(join(secrets, name), 'utf8')).trim()
