import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { freePort, type ServerProcess, startServerProcess } from '@daytona-auth/testing'
import { databaseUrls } from '../try/servers.ts'
import { FOLDER } from './compose.ts'
import { podOf, readKustomization, readManifests } from './manifests.ts'

const base = readManifests('base', 'api.yaml', 'oidc.yaml', 'migrate.yaml')
const production = readManifests('overlays/production', 'resources.yaml')
const literals = readKustomization('base').configMapGenerator?.[0]?.literals ?? []
const config = Object.fromEntries(literals.map((each) => each.split('=') as [string, string]))
const SERVERS = ['api', 'oidc'] as const

const tidyUps: (() => unknown)[] = []
const suite = { after: (tidyUp: () => unknown) => void tidyUps.unshift(tidyUp) }
after(async () => {
  for (const tidyUp of tidyUps) await tidyUp()
})

/** Starts the program of a pod with the environment of its manifest. The Secret is a folder, and ports are free ones. */
function start(part: 'migrate' | 'api' | 'oidc', secrets: Readonly<Record<string, string>>, env = {}): ServerProcess {
  const [container] = podOf(base, part).containers
  const [{ secret }] = podOf(base, part).volumes
  const folder = mkdtempSync(join(tmpdir(), `daytona-auth-${part}-`))
  suite.after(() => rmSync(folder, { recursive: true }))
  for (const { key } of secret.items) writeFileSync(join(folder, key), secrets[key] ?? '')
  const own = Object.fromEntries(
    container.env.map(({ name, value }) => [name, value.replace('/run/secrets', folder)] as const),
  )
  const main = join(FOLDER, '../apps', part === 'migrate' ? 'ops' : part, 'src/main.ts')
  const args = container.command?.slice(1) ?? []
  return startServerProcess(suite, [process.execPath, main, ...args], {
    env: { ...(container.envFrom && config), ...own, ...env },
  })
}

describe('the pods of kubernetes/', () => {
  const running = {} as Record<(typeof SERVERS)[number], { server: ServerProcess; at: string; metrics: string }>
  let urls: { readonly owner: string; readonly api: string; readonly oidc: string }

  const probe = (name: (typeof SERVERS)[number], kind: 'startupProbe' | 'readinessProbe' | 'livenessProbe') =>
    fetch(running[name].at + podOf(base, name).containers[0][kind]?.httpGet.path)
      .then(async (response) => {
        await response.body?.cancel()
        return response.status
      })
      .catch(() => 'refused')

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daytona-auth-kubernetes-'))
    suite.after(() => rmSync(folder, { recursive: true }))
    const dataDir = join(folder, 'data')
    const postgres = await startEmbeddedPostgres({ dataDir, password: newDatabasePassword(), durable: false })
    suite.after(() => postgres.stop())
    urls = await databaseUrls(postgres.url)
    const secret = newDatabasePassword().padEnd(64, '0')
    for (const name of SERVERS) {
      const [port, metricsPort] = [await freePort(), await freePort()]
      const secrets = { DATABASE_URL: urls[name], SIGNING_KEYS_SECRET: secret, COOKIE_KEYS: secret }
      const server = start(name, secrets, { PORT: String(port), METRICS_PORT: String(metricsPort) })
      running[name] = { server, at: `http://127.0.0.1:${port}`, metrics: `http://127.0.0.1:${metricsPort}` }
    }
  })

  it('wait for the migration, which runs with its own Secret, and are then started, alive and ready', async () => {
    for (const name of SERVERS) assert.equal(await probe(name, 'startupProbe'), 'refused')
    const migration = start('migrate', { DATABASE_URL: urls.owner })
    assert.equal(await migration.ended, 0, migration.output.stderr)
    for (const name of SERVERS) {
      const { server } = running[name]
      await server.ready(async () => (await probe(name, 'startupProbe')) === 200)
      await server.ready(async () => (await probe(name, 'readinessProbe')) === 200)
      assert.equal(await probe(name, 'livenessProbe'), 200)
    }
  })

  it('create the first owner with the URL of the owner from standard input', async () => {
    const [, script = ''] =
      /exec -i .* sh -c '([^']+)'/.exec(await readFile(join(FOLDER, 'kubernetes/README.md'), 'utf8')) ?? []
    const command = `${process.execPath} ${join(FOLDER, '../apps/ops/src/main.ts')}`
    const output = execFileSync('sh', ['-c', script.replace('exec daytona-auth', `exec ${command}`)], {
      env: { PATH: process.env['PATH'], DATABASE_URL_FILE: '/run/secrets/DATABASE_URL', ISSUER: config['ISSUER'] },
      input: urls.owner,
    }).toString()
    assert.match(output, /you@example\.com/)
  })

  it('serve metrics where the PodMonitor reads them, with the label that rules select by', async () => {
    const monitor = production.find(({ kind }) => kind === 'PodMonitor')
    const [{ path }] = Object(monitor?.['spec']).podMetricsEndpoints
    for (const name of SERVERS) {
      const response = await fetch(running[name].metrics + path)
      assert.equal(response.status, 200)
      assert.match(await response.text(), new RegExp(`^auth_cache_entries\\{[^}]*service="${name}"`, 'm'))
    }
  })

  it('stop by themselves on SIGTERM, within the time of the manifest', async () => {
    for (const name of SERVERS) {
      const { server } = running[name]
      const { lifecycle } = podOf(base, name).containers[0]
      const grace = (podOf(base, name).terminationGracePeriodSeconds ?? 0) - (lifecycle?.preStop.sleep.seconds ?? 0)
      const sigkill = setTimeout(() => server.child.kill('SIGKILL'), grace * 1000)
      server.child.kill('SIGTERM')
      assert.equal(await server.ended, 0, server.output.stderr)
      clearTimeout(sigkill)
    }
  })
})
