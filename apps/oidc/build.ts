import { bundleServer } from '@daytona-auth/service/bundle'

await bundleServer(import.meta.dirname, {
  external: ['@node-rs/argon2'],
  assets: { 'src/pages/templates': 'templates' },
})
