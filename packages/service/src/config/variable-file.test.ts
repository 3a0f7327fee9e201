import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readVariableFile } from './variable.ts'

describe('readVariableFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'variable-file-'))
  after(() => rmSync(folder, { recursive: true }))
  const read = (content: string) => {
    writeFileSync(join(folder, 'secret'), content)
    return readVariableFile(join(folder, 'secret'))
  }

  it('removes the newline and byte order mark that an editor adds', () => {
    for (const content of ['a secret', 'a secret\n', 'a secret\r\n', '\ufeffa secret', '\ufeffa secret\r\n']) {
      assert.equal(read(content), 'a secret', JSON.stringify(content))
    }
  })

  it('changes nothing else, and treats an empty file as absent', () => {
    assert.equal(read(' a\ufeff\r\nb \n\n'), ' a\ufeff\r\nb \n')
    for (const content of ['', '\n', '\ufeff\r\n']) assert.equal(read(content), undefined)
  })
})
