import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The files that the pages load, by their type. */
export const ASSETS = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'start.js': 'text/javascript; charset=utf-8',
  'docs.css': 'text/css; charset=utf-8',
} as const

export type AssetName = keyof typeof ASSETS

const read = new Map<AssetName, Promise<Buffer>>()

/** Reads an asset once, on its first request: few processes need these two megabytes. */
export function readAsset(name: AssetName): Promise<Buffer> {
  const known = read.get(name)
  if (known) return known
  const reading = readFile(pathOf(name))
  read.set(name, reading)
  reading.catch(() => read.delete(name))
  return reading
}

/** Returns the path of an asset: beside the bundle, in `assets/` in the source, or in the package of Swagger UI. */
function pathOf(name: AssetName): string {
  const ours = [`./docs/${name}`, `./assets/${name}`]
    .map((relative) => fileURLToPath(new URL(relative, import.meta.url)))
    .find((path) => existsSync(path))
  return ours ?? fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`))
}
