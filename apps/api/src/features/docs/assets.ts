import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The files that the pages load, by their type. */
export const ASSETS = {
  'docs.js': 'text/javascript; charset=utf-8',
  'docs.css': 'text/css; charset=utf-8',
} as const

export type AssetName = keyof typeof ASSETS

/** Reads an asset. */
export const readAsset = (name: AssetName): Promise<Buffer> =>
  readFile(locate(`./docs/${name}`, `./assets/${name}`) ?? name)

/** Returns the path of the first that exists beside this module: in the bundle, or in the source. */
export const locate = (...relatives: string[]): string | undefined =>
  relatives.map((relative) => fileURLToPath(new URL(relative, import.meta.url))).find((path) => existsSync(path))
