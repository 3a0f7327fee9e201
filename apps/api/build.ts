import { relative } from 'node:path'
import { ensureDashboard } from '@daytona-auth/dashboard/built'
import { bundleServer } from '@daytona-auth/service/bundle'

/** The pages of `/docs` load the first four, which lie beside the bundle as the dashboard does. */
export const bundle = {
  assets: {
    'src/features/docs/assets/start.js': 'docs/start.js',
    'src/features/docs/assets/docs.css': 'docs/docs.css',
    'node_modules/swagger-ui-dist/swagger-ui-bundle.js': 'docs/swagger-ui-bundle.js',
    'node_modules/swagger-ui-dist/swagger-ui.css': 'docs/swagger-ui.css',
    [relative(import.meta.dirname, await ensureDashboard())]: 'dashboard',
  },
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
