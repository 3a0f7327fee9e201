import { PUBLISHED_MAX_AGE_SECONDS } from '@daytona-auth/signing-keys/rotation-schedule'
import { DISCOVERY, ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'

/** Sets the cache lifetime of the discovery documents and the JWKS. */
export const cachePublished: Middleware = async (ctx, next) => {
  await next()
  if (ctx.status === 200 && PUBLISHED.has(ctx.path))
    ctx.set('cache-control', `public, max-age=${PUBLISHED_MAX_AGE_SECONDS}`)
}

const PUBLISHED: ReadonlySet<string> = new Set([ROUTES.jwks, ...DISCOVERY])
