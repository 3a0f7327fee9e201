import { bundleServer } from '@daytona-auth/service/bundle'

/** The SQL files lie beside the bundle. */
export const bundle = {
  assets: { '../../packages/db/migrations': 'migrations' },
  isCommand: true,
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
