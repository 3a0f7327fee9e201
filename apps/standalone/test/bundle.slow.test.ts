import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { bundleServer } from '@daytona-auth/service/bundle'
import { freePort, waitFor } from '@daytona-auth/testing'
import { bundle } from '../build.ts'
import { authorize, dashboardClient } from './oauth-flow.ts'
import { createTempDirectory, fetchStatus, readCredentials } from './standalone.ts'

it('the bundle starts its own PostgreSQL and serves requests without installed packages', async (t) => {
  const dist = await mkdtemp(join(tmpdir(), 'daytona-auth-standalone-bundle-'))
  t.after(() => rm(dist, { recursive: true }))
  // Started by root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(dist, 0o711)
  await bundleServer(join(import.meta.dirname, '..'), { ...bundle, dist })

  const dataDir = join(await createTempDirectory(t), '.data')
  const port = await freePort()
  const child = spawn(process.execPath, [join(dist, 'main.js')], {
    cwd: dist,
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  await waitFor(() => child.exitCode !== null || output.includes('\nready on '), 60_000)
  const origin = `http://localhost:${port}`
  const { apiKey, user } = await readCredentials(dataDir)
  assert.equal(await fetchStatus(origin, apiKey), 200)
  assert.equal((await fetch(`${origin}/docs/reference/api-keys`)).status, 200)
  // Needs the page templates and the native code for passwords.
  const { callback } = await authorize(origin, user, dashboardClient(origin))
  assert.ok(callback.searchParams.get('code'))

  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
})
