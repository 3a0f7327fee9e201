import type { Identity } from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { Middleware } from '../../provider/middleware.ts'
import { type Upstream, UpstreamError } from '../../upstream/upstream.ts'
import type { SignOutReturns } from './sign-out-returns.ts'

export interface UpstreamSignOutOptions {
  readonly issuer: string
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly returns: SignOutReturns
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
}

/**
 * Continues a sign-out at the upstream provider that signed the session in, if the operator has chosen it. Our session has
 * ended before, so that nothing depends on the provider. The browser comes back to where our sign-out would have ended.
 */
export function continueSignOutUpstream({ issuer, upstreams, returns, logger }: UpstreamSignOutOptions): Middleware {
  return async (ctx, next) => {
    await next()
    const { route, session } = ctx.oidc ?? {}
    if ((route !== 'end_session' && route !== 'end_session_confirm') || ctx.status !== 303) return
    const { destroyed, identity } = (session ?? {}) as { readonly destroyed?: boolean; readonly identity?: Identity }
    if (!destroyed || !identity || identity.organizationId !== undefined) return
    const upstream = [...upstreams.values()].find((each) => each.issuer === identity.issuer && each.signOutUrl)
    if (!upstream?.signOutUrl) return
    const { state, cookie } = returns.begin(upstream.name, ctx.response.get('location') || undefined)
    try {
      const returnUri = `${issuer}/oauth/upstream/${upstream.name}/signed-out`
      const url = await upstream.signOutUrl({ returnUri, state })
      if (!url) return
      ctx.append('set-cookie', cookie)
      ctx.redirect(url.href)
      ctx.status = 303
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      logger.warn({ upstream: upstream.name, why: error.message }, 'upstream sign-out failed')
    }
  }
}
