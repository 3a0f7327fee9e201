import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { collectLicences } from '@daytona-auth/sdk/licences'
import { build } from 'esbuild'

const DIST = join(import.meta.dirname, 'dist')

/**
 * Bundles the program with its dependencies. The code of each command is a file of its own, which is loaded when that
 * command runs.
 */
export async function buildCli(dist = DIST): Promise<void> {
  await rm(dist, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['src/main.ts'],
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.15',
    // Names stay readable in stack traces; whitespace is most of the saving.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // Some dependencies are CommonJS and call `require` for modules of Node.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  })
  await writeFile(join(dist, 'LICENSES.txt'), await collectLicences(import.meta.dirname, Object.keys(metafile.inputs)))
  await chmod(join(dist, 'main.js'), 0o755)
}

if (import.meta.main) await buildCli()
