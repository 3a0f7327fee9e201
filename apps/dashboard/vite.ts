import type { InlineConfig } from 'vite'

/** The path that the API serves the dashboard under. */
export const BASE = '/dashboard/'

/** The options that the build and the development server share. */
export const sharedOptions = {
  root: import.meta.dirname,
  base: BASE,
  configFile: false,
  // The build prints its own table of sizes.
  logLevel: 'warn',
  // The SDK is bundled from its source, whose own copies are development dependencies that an image does not install.
  resolve: { dedupe: ['openapi-fetch'] },
  // An inlined file would need `data:` in the Content-Security-Policy.
  build: {
    assetsInlineLimit: 0,
    rolldownOptions: {
      onwarn(warning, warn) {
        // `use client` marks modules for server rendering, which is not used here. Each library has hundreds.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
  },
} as const satisfies InlineConfig
