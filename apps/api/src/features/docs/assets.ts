import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** What the pages load, all from here. */
export const ASSETS = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'start.js': 'text/javascript; charset=utf-8',
  'docs.css': 'text/css; charset=utf-8',
} as const

export type AssetName = keyof typeof ASSETS

const read = new Map<AssetName, Promise<Buffer>>()

/** An asset's bytes, read when they are first asked for: they are two megabytes that few processes need. */
export function readAsset(name: AssetName): Promise<Buffer> {
  const known = read.get(name)
  if (known) return known
  const reading = readFile(pathOf(name))
  read.set(name, reading)
  reading.catch(() => read.delete(name))
  return reading
}

/** In a bundle all lie beside it; in the source our own lie here and the others in their package. */
function pathOf(name: AssetName): string {
  const ours = [`./docs/${name}`, `./assets/${name}`]
    .map((relative) => fileURLToPath(new URL(relative, import.meta.url)))
    .find((path) => existsSync(path))
  return ours ?? fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`))
}
