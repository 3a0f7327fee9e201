import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freePort } from '@daytona-auth/testing'
import { createTempDirectory, startStandalone } from './standalone.ts'

const isRoot = process.getuid?.() === 0
const UNPRIVILEGED_UID = 65534

describe('a start fails with one line, given', () => {
  it('a data directory that cannot be written', async (t) => {
    const closed = join(await createTempDirectory(t), 'closed')
    await mkdir(closed, { mode: 0o555 })
    const dataDir = join(closed, '.data')
    const refused = await startStandalone(t, { dataDir, uid: isRoot ? UNPRIVILEGED_UID : undefined })
    assert.equal(await refused.ended, 1)
    assert.equal(
      refused.output.stderr,
      `the data directory ${dataDir} cannot be written (EACCES): give it to this user, or choose another with DATA_DIR\n`,
    )
  })

  it('a data directory where none can be created', {
    skip: !existsSync('/proc/self') && '/proc is missing',
  }, async (t) => {
    const refused = await startStandalone(t, { dataDir: '/proc/daytona-auth/.data' })
    assert.equal(await refused.ended, 1)
    assert.match(refused.output.stderr, /^the data directory \S+ cannot be written \(ENOENT\): [^\n]*\n$/)
  })

  it('a data directory that is a file', async (t) => {
    const dataDir = join(await createTempDirectory(t), '.data')
    await writeFile(dataDir, '')
    const refused = await startStandalone(t, { dataDir })
    assert.equal(await refused.ended, 1)
    assert.match(refused.output.stderr, /^the data directory \S+ cannot be written \(EEXIST\): [^\n]*\n$/)
  })

  it('a database that does not answer', async (t) => {
    const env = { DATABASE_URL: `postgres://someone:opensesame@127.0.0.1:${await freePort()}/nowhere` }
    const refused = await startStandalone(t, { dataDir: join(await createTempDirectory(t), '.data'), env })
    assert.equal(await refused.ended, 1)
    assert.equal(
      refused.output.stderr,
      'the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right\n',
    )
  })
})
