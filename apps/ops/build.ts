import { bundleServer } from '@daytona-auth/service/bundle'

/** A native addon stays a package of its own; the SQL files lie beside the bundle. */
export const bundle = {
  external: ['@node-rs/argon2'],
  workers: { 'password-worker': '../../packages/accounts/src/password-worker.ts' },
  assets: { '../../packages/db/migrations': 'migrations' },
  isCommand: true,
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
