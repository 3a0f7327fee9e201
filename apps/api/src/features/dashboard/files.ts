import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CODINGS, COMPRESS, type Coding, readOnce } from '../../http/content-coding.ts'

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

export interface DashboardFiles {
  /** The document, for an issuer: that of pages, or that of the frame that renews a token, which preloads no page. */
  document(name: 'index' | 'frame', coding: Coding): Promise<Buffer>
  /** Undefined: the dashboard has no such file. */
  asset(name: string): { readonly type: string; read(coding: Coding): Promise<Buffer> } | undefined
}

/** Returns the folder of the dashboard beside the bundle; undefined in the source. */
export function findBundledDashboard(): string | undefined {
  const directory = fileURLToPath(new URL('./dashboard', import.meta.url))
  return existsSync(join(directory, 'index.html')) ? directory : undefined
}

/**
 * Opens the built dashboard. Only files that are there now are served, by their exact names, so that no request names a
 * path. Each is read at its first request and kept: all of them are less than two megabytes.
 */
export function openDashboard(directory: string, issuer: string): DashboardFiles {
  const assets = join(directory, 'assets')
  const names = new Set(readdirSync(assets))
  const once = readOnce()
  return {
    document: (name, coding) =>
      once(`document ${name} ${coding}`, async () => {
        const html = await readFile(join(directory, `${name}.html`), 'utf8')
        return COMPRESS[coding](Buffer.from(html.replace('%ISSUER%', escapeAttribute(issuer))))
      }),
    asset(name) {
      const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]
      if (type === undefined || !names.has(name)) return undefined
      return {
        type,
        read: (coding) => once(name + CODINGS[coding], () => readFile(join(assets, name + CODINGS[coding]))),
      }
    },
  }
}

const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
