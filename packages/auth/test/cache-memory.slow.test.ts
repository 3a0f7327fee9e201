import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { testDatabase } from '@daytona-auth/testing'
import type { FilledCache } from '../bench/fill-cache.ts'
import { seedKeys } from '../bench/seed-keys.ts'

const BUDGET = 8 * 2 ** 20
const SHAPES = [
  { count: 5000, organizationsPerKey: 1, nameLength: 10 },
  { count: 1500, organizationsPerKey: 10, nameLength: 40 },
  { count: 400, organizationsPerKey: 50, nameLength: 128 },
]
const { url, database } = await testDatabase()

describe('a full cache', () => {
  for (const [index, shape] of SHAPES.entries()) {
    it(`of keys with ${shape.organizationsPerKey} organizations takes no more heap than its budget`, async (t) => {
      const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-cache-'))
      t.after(() => rm(directory, { recursive: true, force: true }))
      const file = join(directory, 'keys')
      await writeFile(file, (await seedKeys(database, shape, `s${index}`)).join('\n'))
      const child = fileURLToPath(new URL('../bench/fill-cache.ts', import.meta.url))
      const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child, url, file, String(BUDGET)])
      const { entries, estimatedBytes, heapBytes } = JSON.parse(stdout) as FilledCache
      t.diagnostic(`${entries} keys: ${heapBytes} bytes of heap, ${estimatedBytes} estimated`)
      assert.ok(
        entries > 100 && entries < shape.count - 100,
        `${entries} of ${shape.count} keys: the budget is not reached`,
      )
      assert.ok(heapBytes < BUDGET, `${heapBytes} bytes of heap`)
      // No more than twice the truth, or the budget holds half of what it could.
      assert.ok(estimatedBytes < 2 * heapBytes, `estimated ${estimatedBytes} for ${heapBytes}`)
    })
  }
})
