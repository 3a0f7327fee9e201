import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { selectFiles } from './select-files.ts'

const ALL = ['test/images.slow.test.ts', 'src/b.test.ts', 'src/a.test.ts']

describe('selectFiles', () => {
  it('selects all files that are not slow, sorted', () => {
    assert.deepEqual(selectFiles([], ALL), {
      files: ['src/a.test.ts', 'src/b.test.ts'],
      hasDatabase: true,
      nodeArguments: [],
    })
  })

  it('selects the slow ones', () => {
    assert.deepEqual(selectFiles(['--slow'], ALL).files, ['test/images.slow.test.ts'])
  })

  it('selects the files that are named, slow or not', () => {
    assert.deepEqual(selectFiles(['test/images.slow.test.ts'], ALL).files, ['test/images.slow.test.ts'])
  })

  it('passes the options of Node and applies its own', () => {
    const { hasDatabase, nodeArguments } = selectFiles(['--without-database', '--test-name-pattern=x', '--slow'], ALL)
    assert.deepEqual([hasDatabase, nodeArguments], [false, ['--test-name-pattern=x']])
  })
})
