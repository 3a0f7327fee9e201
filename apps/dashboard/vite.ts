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
          // The OpenID client and what it imports: the sign-in begins with it, and the frame that renews a token loads
          // nothing else. One file of what several pages share compresses to a tenth less than the sixty that it is otherwise.
          groups: [
            { name: 'openid', test: /oidc-client-ts|jwt-decode/, priority: 1 },
            { name: 'shared', test: /node_modules/, minShareCount: 2 },
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
