import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

/** How our servers are bundled; the benchmark bundles what it compares them with in the same way. */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names stay readable in stack traces; whitespace is most of what there is to save.
  minifyWhitespace: true,
  minifySyntax: true,
  // oidc-provider finds the storage of a model by the name of its class.
  keepNames: true,
  sourcemap: false,
  legalComments: 'none',
  // Some dependencies are CommonJS and call `require` for what Node has.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
} as const satisfies BuildOptions

/**
 * Bundles the `src/main.ts` of the app in `directory` into `dist/main.js`. `external` are packages with native code,
 * which stay outside; `assets` are folders to copy, from a path in the app to a name in `dist`.
 */
export async function bundleServer(
  directory: string,
  {
    external = [],
    assets = {},
    dist = join(directory, 'dist'),
  }: { external?: string[]; assets?: Record<string, string>; dist?: string } = {},
): Promise<void> {
  await rm(dist, { recursive: true, force: true })
  await build({
    ...bundleOptions,
    absWorkingDir: directory,
    entryPoints: ['src/main.ts'],
    outfile: join(dist, 'main.js'),
    external,
  })
  for (const [from, to] of Object.entries(assets)) {
    await cp(join(directory, from), join(dist, to), { recursive: true })
  }
}
