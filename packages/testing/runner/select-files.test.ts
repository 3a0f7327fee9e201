import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listNodeArguments, parseCommandLine, selectFiles } from './select-files.ts'

const ALL = ['test/images.slow.test.ts', 'src/b.test.ts', 'src/signals.isolated.test.ts', 'src/a.test.ts']
const select = (...commandLine: string[]) => selectFiles(parseCommandLine(commandLine), ALL)

describe('selectFiles', () => {
  it('selects all files that are not slow, sorted, and isolates those that say so', () => {
    assert.deepEqual(select(), {
      shared: ['src/a.test.ts', 'src/b.test.ts'],
      isolated: ['src/signals.isolated.test.ts'],
    })
  })

  it('selects the slow ones, each in its own process', () => {
    assert.deepEqual(select('--slow'), { shared: [], isolated: ['test/images.slow.test.ts'] })
  })

  it('isolates files that are named, slow or not', () => {
    assert.deepEqual(select('test/images.slow.test.ts', 'src/a.test.ts'), {
      shared: [],
      isolated: ['src/a.test.ts', 'test/images.slow.test.ts'],
    })
  })

  it('isolates every file if Node is given options', () => {
    assert.deepEqual(select('--test-name-pattern=x').shared, [])
    assert.equal(select('--test-name-pattern=x').isolated.length, 3)
  })
})

it('parseCommandLine separates its own options from those of Node', () => {
  assert.deepEqual(parseCommandLine(['--without-database', '--test-name-pattern=x', '--slow', 'a.test.ts', '--all']), {
    isForAllParts: true,
    isSlow: true,
    hasDatabase: false,
    named: ['a.test.ts'],
    nodeArguments: ['--test-name-pattern=x'],
  })
})

it('listNodeArguments ends the process after its last test if tests are filtered', () => {
  const list = (...given: string[]) => listNodeArguments(parseCommandLine(given))
  assert.deepEqual(list('--slow', 'a.test.ts', '--conditions=x'), ['--conditions=x'])
  for (const filter of ['--test-name-pattern=x', '--test-skip-pattern=x', '--test-only']) {
    assert.deepEqual(list(filter), [filter, '--test-force-exit'])
  }
})
