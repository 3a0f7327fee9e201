import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { bundleServer } from '@daytona-auth/service/bundle'
import { otlpCollector, redisMissing, redisServer, testDatabase, waitFor } from '@daytona-auth/testing'
import { bundle } from '../build.ts'

const { url: databaseUrl } = await testDatabase({ after })

it('the bundle runs without node_modules and stops on SIGTERM', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-bundle-'))
  t.after(() => rm(directory, { recursive: true }))
  await bundleServer(join(import.meta.dirname, '..'), { ...bundle, dist: directory })

  // The Redis client is a file that is loaded on demand.
  const redis = redisMissing() ? undefined : await redisServer(t)
  const read = await recordFilesRead(directory)
  const child = spawn(process.execPath, [...read.flags, join(directory, 'main.js')], {
    cwd: directory,
    env: { DATABASE_URL: databaseUrl, ISSUER: 'http://localhost:3000', PORT: '0', REDIS_URL: redis?.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  let log = ''
  child.stdout.on('data', (chunk) => (log += chunk))
  const url = await waitFor(() => /"url":"([^"]+)"/.exec(log)?.[1])
  const ready = await waitFor(async () => {
    const response = await fetch(`${url}/health/ready`)
    return response.ok && response.json()
  })
  assert.deepEqual(ready, { status: 'ready', checks: { database: 'ok', migrations: 'ok', 'signing-keys': 'ok' } })
  assert.equal((await fetch(`${url}/openapi.json`)).status, 200)
  for (const path of ['docs.js', 'docs.css']) {
    assert.equal((await fetch(`${url}/docs/assets/${path}`)).status, 200, path)
  }
  for (const page of [
    '',
    '/oauth',
    '/forward-auth',
    '/errors',
    '/rate-limits',
    '/audit-events',
    '/reference/api-keys',
  ]) {
    assert.match(await (await fetch(`${url}/docs${page}`)).text(), /<\/html>\n$/, page)
  }
  assert.equal((await fetch(`${url}/users/me`)).status, 401)
  if (redis) await waitFor(() => log.includes('limits are shared over Redis'))

  assert.match(await read.files(), /\/server\.js\n/)
  assert.doesNotMatch(await read.files(), /open-telemetry/)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])

  // Again with a collector: OpenTelemetry is loaded then and has sent all spans when the process ends.
  const collector = await otlpCollector(t)
  const traced = spawn(process.execPath, [...read.flags, join(directory, 'main.js')], {
    cwd: directory,
    env: {
      DATABASE_URL: databaseUrl,
      ISSUER: 'http://localhost:3000',
      PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => traced.kill('SIGKILL'))
  log = ''
  traced.stdout.on('data', (chunk) => (log += chunk))
  const itsUrl = await waitFor(() => /"url":"([^"]+)"/.exec(log)?.[1])
  assert.equal((await fetch(`${itsUrl}/users/me`)).status, 401)
  traced.kill('SIGTERM')
  assert.deepEqual(await once(traced, 'exit'), [0, null])
  assert.match(await read.files(), /open-telemetry/)
  assert.deepEqual(
    collector.spans.map(({ name }) => name),
    ['GET /users/me'],
  )
})

/** Returns the modules that a process with these flags loads, one per line. */
async function recordFilesRead(directory: string) {
  const [recorder, record] = [join(directory, 'recorder.mjs'), join(directory, 'files-read')]
  await writeFile(record, '')
  await writeFile(
    recorder,
    `import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    appendFileSync(${JSON.stringify(record)}, url + '\\n')
    return next(url, context)
  },
})`,
  )
  return { flags: ['--import', recorder], files: () => readFile(record, 'utf8') }
}
