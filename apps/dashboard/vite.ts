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
  resolve: { dedupe: ['openapi-fetch', 'eventsource-parser', '@daytona-auth/protocol'] },
  // An inlined file would need `data:` in the Content-Security-Policy.
  build: {
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // One file of what several pages share compresses to a tenth less than the sixty that it is otherwise. The OpenID
          // client is not in it: the frame that renews a token loads nothing else.
          groups: [
            {
              name: 'shared',
              test: (id: string) => id.includes('node_modules') && !id.includes('oidc-client-ts'),
              minShareCount: 2,
            },
          ],
        },
      },
      onwarn(warning, warn) {
        // `use client` marks modules for server rendering, which is not used here. Each library has hundreds.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
  },
} as const satisfies InlineConfig
