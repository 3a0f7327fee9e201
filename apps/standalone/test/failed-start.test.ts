import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createTempDirectory, startStandalone } from './standalone.ts'

describe('a start fails with one line, given', () => {
  it('a port that is taken, and leaves nothing behind', async (t) => {
    const place = await createTempDirectory(t)
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    t.after(() => other.close())
    const address = other.address()
    assert.ok(address && typeof address === 'object')
    const { port } = address
    const refused = await startStandalone(t, { dataDir: join(place, '.data'), port })
    assert.equal(await refused.ended, 1)
    assert.equal(
      refused.output.stderr,
      `port ${port} is in use: stop the process that listens there, or choose another with PORT\n`,
    )
    assert.deepEqual(await readdir(place), [])
  })

  it('invalid variables, all named in one line without their values', async (t) => {
    const env = { LOG_LEVEL: 'loud', ISSUER: 'http://example.com' }
    const refused = await startStandalone(t, { dataDir: join(await createTempDirectory(t), '.data'), env })
    assert.equal(await refused.ended, 1)
    assert.match(refused.output.stderr, /^invalid environment: [^\n]*\n$/)
    assert.match(refused.output.stderr, /ISSUER/)
    assert.match(refused.output.stderr, /LOG_LEVEL/)
    assert.doesNotMatch(refused.output.stderr, /loud|example/)
  })
})
