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

/** What the first page loads: the entry, the app, and the list of keys. */
const FIRST_PAGE = ['index.html', 'src/app.tsx', 'src/pages/keys/list/page.tsx']

/** Lists the files of the first page, without duplicates. */
export function firstLoadFiles(manifest: Manifest): string[] {
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
  for (const name of FIRST_PAGE) add(name)
  return [...files]
}

/** Adds the files that the first page imports on demand to the document, so that they load at once and side by side. */
export function preloadFirstLoad(html: string, manifest: Manifest): string {
  const links = firstLoadFiles(manifest)
    .filter((file) => !html.includes(`${BASE}${file}`))
    .map((file) =>
      file.endsWith('.css')
        ? `<link rel="stylesheet" href="${BASE}${file}">`
        : `<link rel="modulepreload" href="${BASE}${file}">`,
    )
  return html.replace('</head>', `${links.join('\n')}\n</head>`)
}

/** Returns a table of the first load. @throws Error above `BUDGET_BYTES` */
export async function checkFirstLoad(directory: string, manifest: Manifest, budget = BUDGET_BYTES): Promise<string> {
  const rows = await Promise.all(
    firstLoadFiles(manifest).map(async (file) => {
      const { size } = await stat(join(directory, `${file}.br`))
      return { file: basename(file), size }
    }),
  )
  const total = rows.reduce((sum, { size }) => sum + size, 0)
  const table = rows
    .toSorted((a, b) => b.size - a.size)
    .map(({ file, size }) => `${kilobytes(size)}  ${file}`)
    .join('\n')
  const line = `first load: ${kilobytes(total).trim()} of ${kilobytes(budget).trim()} (brotli)`
  if (total > budget) throw new Error(`${table}\n${line}: over the budget`)
  return `${table}\n${line}`
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(6)} kB`
