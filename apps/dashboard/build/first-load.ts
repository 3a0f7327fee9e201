import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { BASE } from '../vite.ts'

/** The part of Vite's manifest that is read here. */
export type Manifest = Record<
  string,
  { readonly file: string; readonly css?: readonly string[]; readonly imports?: readonly string[] }
>

/** The most that a browser may load before the list of keys is shown, compressed by brotli. */
export const BUDGET_BYTES = 250_000

/** The most that the frame that renews a token may load. The sign-in waits for the same files. */
export const SIGN_IN_BUDGET_BYTES = 30_000

/** What the sign-in waits for. */
const SIGN_IN = ['index.html']

/** What the first page loads: the entry, the app, and the list of keys. */
const FIRST_PAGE = ['index.html', 'src/app.tsx', 'src/pages/keys/list/page.tsx']

/** Lists the files that modules load before they run, without duplicates. */
function filesOf(modules: readonly string[], manifest: Manifest): string[] {
  const files = new Set<string>()
  const seen = new Set<string>()
  const add = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const chunk = manifest[name]
    if (!chunk) throw new Error(`the build has no ${name}: is it in FIRST_PAGE by its present name?`)
    files.add(chunk.file)
    for (const css of chunk.css ?? []) files.add(css)
    for (const imported of chunk.imports ?? []) add(imported)
  }
  for (const name of modules) add(name)
  return [...files]
}

/** Adds the files that the first page imports on demand to the document, so that they load at once and side by side. */
export function preloadFirstLoad(html: string, manifest: Manifest): string {
  const links = filesOf(FIRST_PAGE, manifest)
    .filter((file) => !html.includes(`${BASE}${file}`))
    .map((file) =>
      file.endsWith('.css')
        ? `<link rel="stylesheet" href="${BASE}${file}">`
        : `<link rel="modulepreload" href="${BASE}${file}">`,
    )
  return html.replace('</head>', `${links.join('\n')}\n</head>`)
}

/** Returns a table of what is loaded first. @throws Error if it is above a budget */
export async function checkFirstLoad(directory: string, manifest: Manifest): Promise<string> {
  const first = await sizesOf(filesOf(FIRST_PAGE, manifest), directory)
  const signIn = await sizesOf(filesOf(SIGN_IN, manifest), directory)
  const table = first
    .toSorted((a, b) => b.size - a.size)
    .map(({ file, size }) => `${kilobytes(size)}  ${file}`)
    .join('\n')
  const lines = [check('before the sign-in', signIn, SIGN_IN_BUDGET_BYTES), check('first load', first, BUDGET_BYTES)]
  const report = [table, ...lines.map(({ line }) => line)].join('\n')
  if (lines.some(({ isOver }) => isOver)) throw new Error(`${report}\nover the budget`)
  return report
}

interface FileSize {
  readonly file: string
  readonly size: number
}

const sizesOf = (files: readonly string[], directory: string): Promise<FileSize[]> =>
  Promise.all(
    files.map(async (file) => ({ file: basename(file), size: (await stat(join(directory, `${file}.br`))).size })),
  )

function check(name: string, files: readonly FileSize[], budget: number) {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const line = `${name}: ${kilobytes(total).trim()} of ${kilobytes(budget).trim()} (brotli)`
  return { line, isOver: total > budget }
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(6)} kB`
