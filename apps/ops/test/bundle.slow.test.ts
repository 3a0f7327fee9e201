import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { DEPLOYMENT, recordAudit } from '@daytona-auth/db/audit'
import { isMigrated } from '@daytona-auth/db/operations'
import { bundleServer } from '@daytona-auth/service/bundle'
import { testDatabase } from '@daytona-auth/testing'
import { bundle } from '../build.ts'

const run = promisify(execFile)

describe('the bundle', () => {
  // Below the app, where its native addon is found.
  const dist = join(import.meta.dirname, '..', 'dist', 'test')
  const main = join(dist, 'main.js')
  before(() => bundleServer(join(import.meta.dirname, '..'), { ...bundle, dist }))

  it('is a program that contains the migrations and finds its native addon', async (t) => {
    const { url, database } = await testDatabase(t, { isMigrated: false })
    const env = { PATH: process.env['PATH'], DATABASE_URL: url }
    const { stdout } = await run(main, ['migrate'], { env })
    assert.match(stdout, /^applied 0000_init\n/)
    assert.equal(await isMigrated(database), true)
    const made = await run(main, ['create-owner', '--email', 'ada@example.com', '--name', 'Ada'], { env })
    assert.match(made.stdout, /^created the account ada@example\.com \(usr_/)
  })

  it('exits cleanly when the reader closes the pipe', async (t) => {
    const { url, database } = await testDatabase(t)
    const event = {
      organizationId: DEPLOYMENT,
      actorId: null,
      actorEmail: null,
      source: 'test',
      action: 'volume.create',
    } as const
    await recordAudit(
      database,
      Array.from({ length: 3000 }, () => event),
    )
    const env = { PATH: process.env['PATH'], DATABASE_URL: url }
    const child = spawn(main, ['audit', 'export'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    await once(child.stdout, 'data')
    child.stdout.destroy() // as `head` does
    assert.deepEqual([await once(child, 'close'), stderr], [[0, null], ''])
  })

  it('exits with the code of its failure', async () => {
    await assert.rejects(run(main, ['migrate'], { env: { PATH: process.env['PATH'] } }), {
      code: 2,
      stderr: 'invalid environment: DATABASE_URL is required, such as postgres://user:password@host:5432/database\n',
    })
  })
})
