import { bundleServer } from '@daytona-auth/service/bundle'

/** The pages of `/docs` load these, which lie beside the bundle. */
export const bundle = {
  assets: {
    'src/features/docs/assets/start.js': 'docs/start.js',
    'src/features/docs/assets/docs.css': 'docs/docs.css',
    'node_modules/swagger-ui-dist/swagger-ui-bundle.js': 'docs/swagger-ui-bundle.js',
    'node_modules/swagger-ui-dist/swagger-ui.css': 'docs/swagger-ui.css',
  },
}

if (import.meta.main) await bundleServer(import.meta.dirname, bundle)
