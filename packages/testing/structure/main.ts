import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  circleFrom,
  importsWithinParts,
  partOf,
  readSourceFiles,
  roomOf,
  type SourceFile,
  upwardImports,
} from './imports.ts'
import { MAY_IMPORT, ROOMS } from './rules.ts'

/**
 * Prints the structure of the repository: a drawing of the imports between parts and between the rooms of each part, with
 * files and lines, the names that each entry point exports, circles and upward imports. Exits with 1 if there is one.
 */
const root = join(import.meta.dirname, '../../..')
const files = await readSourceFiles()
const imports = importsWithinParts(files)
const print = (line = '') => process.stdout.write(`${line}\n`)
const sizeOf = (of: readonly SourceFile[]) =>
  `${of.length} files, ${of.reduce((lines, file) => lines + file.lines, 0)} lines`

print('Parts, and the parts that each imports from')
for (const part of Object.keys(MAY_IMPORT)) {
  const own = files.filter(({ path }) => partOf(path) === part)
  const targets = [...new Set(own.flatMap(({ parts }) => parts))].sort()
  print(`  ${part.padEnd(24)}${sizeOf(own).padEnd(26)}${targets.length > 0 ? `→ ${targets.join(' ')}` : ''}`)
}

for (const [folder, rooms] of Object.entries(ROOMS)) {
  print()
  print(`Rooms of ${folder}, from the lowest`)
  for (const room of rooms) {
    const own = files.filter(({ path }) => roomOf(path, folder) === room)
    const targets = own
      .flatMap((file) => file.files.map((target) => roomOf(target, folder)))
      .filter((target) => target !== undefined && target !== room)
    print(
      `  ${room.padEnd(24)}${sizeOf(own).padEnd(26)}${targets.length > 0 ? `→ ${[...new Set(targets)].join(' ')}` : ''}`,
    )
  }
}

print()
print('Names that each entry point exports')
for (const part of Object.keys(MAY_IMPORT)) {
  const { exports = {} } = JSON.parse(await readFile(join(root, part, 'package.json'), 'utf8'))
  for (const [entry, target] of Object.entries(exports)) {
    if (typeof target !== 'string' || !target.endsWith('.ts')) continue
    const names = exportedNames(await readFile(join(root, part, target), 'utf8'))
    print(`  ${`@daytona-auth/${basename(part)}${entry.slice(1)}`.padEnd(50)}${names}`)
  }
}

const done = new Set<string>()
const circles = [...imports.keys()].map((file) => circleFrom(file, imports, done)).filter((circle) => circle.length > 0)
const upward = Object.entries(ROOMS).flatMap(([folder, rooms]) =>
  [...imports].flatMap(([file, targets]) => upwardImports(file, targets, { folder, rooms })),
)
print()
print(`Circles: ${circles.length}. Upward imports: ${upward.length}.`)
for (const circle of circles) print(`  ${circle.join(' → ')}`)
for (const line of upward) print(`  ${line}`)
if (circles.length + upward.length > 0) process.exitCode = 1

/** Counts the names that a module exports by declaration or in braces. */
function exportedNames(source: string): number {
  const declared = [
    ...source.matchAll(
      /^export (?:declare )?(?:abstract )?(?:async )?(?:const|function\*?|class|interface|type|enum) \w/gm,
    ),
  ]
  const listed = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(',').filter((name) => name.trim() !== ''),
  )
  return declared.length + listed.length
}
