import { relative } from 'node:path'
import { ensureDashboard } from '@daytona-auth/dashboard/built'
import { bundleServer } from '@daytona-auth/service/bundle'

/** The templates of `/docs` and the files that its pages load lie beside the bundle, as the dashboard does. */
export const bundle = {
  assets: {
    'src/features/docs/templates': 'docs/templates',
    'src/features/docs/guides': 'docs/guides',
    'src/features/docs/assets/docs.js': 'docs/docs.js',
    'src/features/docs/assets/docs.css': 'docs/docs.css',
    [relative(import.meta.dirname, await ensureDashboard())]: 'dashboard',
  },
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
