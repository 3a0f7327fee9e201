import type { KoaContextWithOIDC } from 'oidc-provider'

/** A middleware around oidc-provider's router. `ctx.oidc` is set only after `next()`, and only on existing routes. */
export type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>
