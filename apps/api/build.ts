import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

/** How the API is bundled; the benchmark bundles what it compares it with in the same way. */
export const options = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names stay readable in stack traces; whitespace is most of what there is to save.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: false,
  legalComments: 'none',
  // Some dependencies are CommonJS and call `require` for what Node has.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
} as const satisfies BuildOptions

if (import.meta.main) {
  const directory = fileURLToPath(new URL('.', import.meta.url))
  await rm(`${directory}dist`, { recursive: true, force: true })
  await build({ ...options, absWorkingDir: directory, entryPoints: ['src/main.ts'], outfile: 'dist/main.js' })
}
