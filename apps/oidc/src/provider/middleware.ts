import type { KoaContextWithOIDC } from 'oidc-provider'

/** What runs around oidc-provider's router. `ctx.oidc` is there only after `next()`, and only on routes that exist. */
export type Middleware = (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>
