import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const OTHER_PART = /(?:from|import\()\s*'@daytona-auth\/([a-z-]+)/g
const RELATIVE_IMPORT = /(?:from|import\()\s*'(\.{1,2}\/[^']+\.tsx?)'/g

/** A source file of the repository, tests apart. */
export interface SourceFile {
  /** Its path from the root of the repository. */
  readonly path: string
  readonly text: string
  readonly lines: number
  /** The names of the other parts that it imports from. */
  readonly parts: readonly string[]
  /** The files of its own part that it imports. */
  readonly files: readonly string[]
  /** Whether it imports a file of another part by path. */
  readonly reachesOut: boolean
}

/** Reads all source files and what they import, generated ones apart. */
export async function readSourceFiles(): Promise<SourceFile[]> {
  const read: SourceFile[] = []
  for await (const path of glob('{apps,packages}/*/src/**/*.{ts,tsx}', { cwd: root })) {
    if (/\.test\.tsx?$|\/src\/generated\//.test(path)) continue
    const source = await readFile(join(root, path), 'utf8')
    read.push({
      path,
      text: source,
      lines: source.split('\n').length - 1,
      parts: [...source.matchAll(OTHER_PART)].map(([, name = '']) => name),
      files: [...source.matchAll(RELATIVE_IMPORT)].map(([, specifier = '']) => join(dirname(path), specifier)),
      reachesOut: /from '(\.\.\/)+(apps|packages)\//.test(source),
    })
  }
  return read.sort((a, b) => a.path.localeCompare(b.path, 'en'))
}

/** The part that a path belongs to: `apps/api`. */
export const partOf = (path: string): string => path.split('/').slice(0, 2).join('/')

/** What each file imports of its own part. */
export const importsWithinParts = (files: readonly SourceFile[]): Map<string, readonly string[]> =>
  new Map(files.map(({ path, files }) => [path, files]))

/** The first circle found from `start`, as the list of its files. */
export function circleFrom(
  start: string,
  imports: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
): string[] {
  const path: string[] = []
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    path.push(file)
    for (const target of imports.get(file) ?? []) {
      const circle = visit(target)
      if (circle.length > 0) return circle
    }
    path.pop()
    done.add(file)
    return []
  }
  return visit(start)
}

/** Returns the imports of a file that are of a higher room, or of no room at all. */
export function upwardImports(
  file: string,
  targets: readonly string[],
  { folder, rooms }: { readonly folder: string; readonly rooms: readonly string[] },
): string[] {
  const place = rooms.indexOf(roomOf(file, folder) ?? '')
  if (place === -1) return []
  return targets
    .filter((target) => {
      const room = roomOf(target, folder)
      return room !== undefined && !rooms.slice(0, place + 1).includes(room)
    })
    .map((target) => `${file} imports ${target}`)
}

/** Returns the first name of a path below `folder`; `undefined` for a path elsewhere. */
export const roomOf = (file: string, folder: string): string | undefined =>
  file.startsWith(`${folder}/`) ? file.slice(folder.length + 1).split('/')[0] : undefined

export const isFileOf = (folder: string, file: string): boolean =>
  file.startsWith(`${folder}/`) && dirname(file) === folder
