import type { Middleware } from './middleware.ts'
import { DISCOVERY, ROUTES } from './routes.ts'

/** Discovery and keys change with a deployment or a rotation: clients may keep them for five minutes. */
export const cachePublished: Middleware = async (ctx, next) => {
  await next()
  if (ctx.status === 200 && PUBLISHED.has(ctx.path)) ctx.set('cache-control', 'public, max-age=300')
}

const PUBLISHED: ReadonlySet<string> = new Set([ROUTES.jwks, ...DISCOVERY])
