import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { migrate } from '@daytona-auth/db/operations'
import { freePort, type Scope, startServerProcess, type TestDatabase, testDatabase } from '@daytona-auth/testing'
import { temporaryDirectory } from './temporary-directory.ts'

export const SECRETS = {
  SIGNING_KEYS_SECRET: 'd2f5a0b14c8e937f6a1b0c9d8e7f2a3b',
  COOKIE_KEYS: '0f1e2d3c4b5a69788796a5b4c3d2e1f1',
}

/** Makes a self-signed certificate for localhost. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export async function certificate(scope: Scope, days: number): Promise<Certificate> {
  const directory = await temporaryDirectory(scope)
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  await promisify(execFile)('openssl', ['req', '-x509', ...curve, '-out', cert, '-days', String(days), ...subject])
  return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
}

/** Terminates TLS on a free port of localhost and forwards requests to a local port, until the end of `scope`. */
export async function tlsProxy(scope: Scope, { key, cert }: Certificate, targetPort: () => number): Promise<string> {
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const { url: path, method, headers } = incoming
    const forwarded = { ...headers, 'x-forwarded-proto': 'https', 'x-forwarded-host': headers.host ?? '' }
    request({ port: targetPort(), path, method, headers: forwarded }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
      .on('error', () => outgoing.writeHead(502).end())
      .end()
  }).listen(0)
  await once(server, 'listening')
  scope.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return `https://localhost:${address.port}`
}

/** Makes a migrated database with a user that has the servers' privileges only. */
export async function servedDatabase(scope: Scope): Promise<TestDatabase> {
  const made = await testDatabase(scope)
  const role = made.name.replace('test_', 'server_')
  await made.asAdministrator((sql) => sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'opensesame'`))
  scope.after(() => made.asAdministrator((sql) => sql.unsafe(`DROP ROLE ${role}`)))
  await migrate(made.url, { roles: { api: role, provider: role } })
  const url = new URL(made.url)
  url.username = role
  url.password = 'opensesame'
  return { ...made, url: url.href }
}

/** Starts both servers as processes until the end of `scope`. Returns the port of the API, which forwards to the provider. */
export async function servers(scope: Scope, env: Record<string, string>): Promise<number> {
  const [apiPort, providerPort] = [await freePort(), await freePort()]
  const start = async (app: string, port: number, more: Record<string, string> = {}) => {
    const main = join(import.meta.dirname, `../../${app}/src/main.ts`)
    const { ready } = startServerProcess(scope, [process.execPath, main], {
      env: { ...env, PORT: String(port), ...more },
    })
    await ready(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok)
  }
  await Promise.all([
    start('oidc', providerPort),
    start('api', apiPort, { PROVIDER_URL: `http://127.0.0.1:${providerPort}` }),
  ])
  return apiPort
}
