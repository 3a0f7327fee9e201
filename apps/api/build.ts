import { bundleServer } from '@daytona-auth/service/bundle'

await bundleServer(import.meta.dirname)
