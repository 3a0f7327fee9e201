import { bundleServer } from '@daytona-auth/service/bundle'

/**
 * The native addon remains a separate package, and the pages' templates are beside the bundle. Class names are kept,
 * because oidc-provider finds the storage of a model by the name of its class.
 */
export const bundle = {
  external: ['@node-rs/argon2'],
  workers: { 'password-worker': '../../packages/accounts/src/password-worker.ts' },
  assets: { 'src/pages/templates': 'templates' },
  keepNames: true,
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
