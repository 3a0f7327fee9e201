import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)

/** Writes each file of a folder in brotli and, for browsers on plain http, in gzip beside it. */
export async function compressFiles(directory: string): Promise<void> {
  const names = await readdir(directory)
  await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(directory, name))
      const [br, gz] = await Promise.all([
        brotli(content, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
          },
        }),
        gzipped(content, { level: 9 }),
      ])
      await Promise.all([writeFile(join(directory, `${name}.br`), br), writeFile(join(directory, `${name}.gz`), gz)])
    }),
  )
}
