import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  circleFrom,
  importsWithinParts,
  isFileOf,
  partOf,
  readSourceFiles,
  roomOf,
  upwardImports,
} from '../structure/imports.ts'
import { MAY_IMPORT, ROOMS } from '../structure/rules.ts'

it('imports run downwards only', async () => {
  const files = await readSourceFiles()
  for (const { path, parts, reachesOut } of files) {
    const allowed = MAY_IMPORT[partOf(path)]
    assert.ok(allowed, `${partOf(path)} is a new part: add what it may import to MAY_IMPORT`)
    for (const name of parts) assert.ok(allowed.includes(name), `${path} imports @daytona-auth/${name}`)
    assert.ok(!reachesOut, `${path} reaches into another part by path`)
  }
  assert.ok(files.length > 400, `only ${files.length} files were read`)
})

it('imports form no circle of files', async () => {
  const imports = importsWithinParts(await readSourceFiles())
  const done = new Set<string>()
  for (const file of imports.keys()) {
    assert.deepEqual(circleFrom(file, imports, done), [])
  }
})

it('finds a circle', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  assert.deepEqual(circleFrom('a', imports, new Set()), ['b', 'c', 'b'])
})

it('imports between rooms run downwards only', async () => {
  const imports = importsWithinParts(await readSourceFiles())
  for (const [folder, rooms] of Object.entries(ROOMS)) {
    const files = [...imports.keys()].filter((file) => roomOf(file, folder) !== undefined)
    for (const file of files) {
      assert.ok(
        isFileOf(folder, file) || rooms.includes(roomOf(file, folder) ?? ''),
        `${file} is of a new room: name it`,
      )
      assert.deepEqual(upwardImports(file, imports.get(file) ?? [], { folder, rooms }), [])
    }
    for (const room of rooms)
      assert.ok(
        files.some((file) => roomOf(file, folder) === room),
        `${folder}/${room} is gone`,
      )
  }
})

it('finds an upward import', () => {
  const order = { folder: 'part/src', rooms: ['low.ts', 'middle', 'high'] }
  const upward = (file: string, target: string) =>
    upwardImports(`part/src/${file}`, [`part/src/${target}`], order).length
  assert.equal(upward('middle/a.ts', 'high/b.ts'), 1)
  assert.equal(upward('low.ts', 'middle/a.ts'), 1)
  assert.equal(upward('middle/a.ts', 'start.ts'), 1, 'a file beside the rooms')
  assert.equal(upward('high/deep/b.ts', 'middle/a.ts'), 0)
  assert.equal(upward('middle/a.ts', 'low.ts'), 0)
  assert.equal(upward('start.ts', 'high/b.ts'), 0)
})
