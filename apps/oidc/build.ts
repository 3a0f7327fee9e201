import { bundleServer } from '@daytona-auth/service/bundle'

/**
 * A native addon stays a package of its own; the pages' templates lie beside the bundle. oidc-provider finds the storage
 * of a model by the name of its class.
 */
export const bundle = {
  external: ['@node-rs/argon2'],
  workers: { 'password-worker': '../../packages/accounts/src/password-worker.ts' },
  assets: { 'src/pages/templates': 'templates' },
  keepNames: true,
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
