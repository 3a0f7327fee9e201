import { bundleServer } from '@daytona-auth/service/bundle'

/** The native addon remains a separate package, and the pages' templates are beside the bundle. */
export const bundle = {
  external: ['@node-rs/argon2'],
  workers: { 'password-worker': '../../packages/accounts/src/password-worker.ts' },
  assets: { 'src/pages/templates': 'templates' },
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
