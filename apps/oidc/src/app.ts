import type { Verifier } from '@daytona-auth/auth'
import {
  type Check,
  createServer,
  health,
  limitHandlerTime,
  type Metrics,
  type Server,
  type Tracing,
} from '@daytona-auth/service'
import type { PageContext } from './flows/interaction/page-context.ts'
import { interactions } from './flows/routes.ts'
import { upstreamLogout } from './flows/upstream/logout-endpoint.ts'
import { pageFrameOf } from './pages/pages.ts'
import { createProviderPages } from './pages/provider-pages.ts'
import { callerOf } from './provider/caller.ts'
import { ROUTES } from './provider/endpoint-paths.ts'
import { createDenialSender, withAllowedMethods } from './provider/endpoints/denials.ts'
import { hideInteractionIds, pinHost } from './provider/endpoints/host.ts'
import { protocol } from './provider/endpoints/protocol.ts'
import { registration } from './provider/endpoints/registration.ts'
import { userinfo } from './provider/endpoints/userinfo.ts'
import type { ClientDirectory } from './provider/storage/clients.ts'

export interface AppOptions extends PageContext {
  readonly verifier: Pick<Verifier, 'verify' | 'verifyBound'>
  readonly clients: ClientDirectory
  readonly logger: Parameters<typeof createServer>[0]['logger']
  readonly http: Metrics['http']
  readonly tracing?: Tracing | undefined
  readonly checks: Readonly<Record<string, Check>>
}

/**
 * Builds the provider's server: health checks under any host; the protocol and the pages under the issuer's host only.
 */
export async function buildApp(options: AppOptions): Promise<Server> {
  const {
    provider,
    database,
    config,
    mailer,
    mailsIn,
    places,
    share,
    now,
    unknown,
    upstreams,
    organizationUpstreams,
    invalidate,
    verifier,
    clients,
    logger,
    http,
    metrics,
    checks,
    tracing,
  } = options
  const sendDenial = createDenialSender(createProviderPages(pageFrameOf(config)))
  const app = createServer({
    logger,
    trustedProxies: config.TRUSTED_PROXIES,
    timings: http,
    callerOf,
    tracing,
    sendDenial,
  })
  await app.register(health, { checks })
  await app.register(async (issuer) => {
    issuer.addHook('onRequest', hideInteractionIds)
    issuer.addHook('onRequest', pinHost(config.ISSUER, sendDenial))
    await withAllowedMethods(issuer, sendDenial, async (routes) => {
      await routes.register(protocol, { provider })
      await routes.register(async (resource) => {
        limitHandlerTime(resource, { defaultMs: config.HANDLER_TIMEOUT })
        await resource.register(userinfo, { verifier, clients, url: config.ISSUER + ROUTES.userinfo })
      })
      await routes.register(async (resource) => {
        limitHandlerTime(resource, { defaultMs: config.HANDLER_TIMEOUT })
        await resource.register(upstreamLogout, {
          database,
          config,
          upstreams,
          organizationUpstreams,
          invalidate,
          share,
          now,
        })
      })
      if (config.CLIENT_REGISTRATION !== 'off') {
        await routes.register(async (resource) => {
          limitHandlerTime(resource, { defaultMs: config.HANDLER_TIMEOUT })
          await resource.register(registration, { database, config, clients, share, now })
        })
      }
      await routes.register(async (pages) => {
        limitHandlerTime(pages, { defaultMs: config.HANDLER_TIMEOUT })
        await pages.register(interactions, {
          provider,
          database,
          config,
          metrics,
          mailer,
          mailsIn,
          places,
          share,
          unknown,
          upstreams,
          organizationUpstreams,
          invalidate,
          now,
        })
      })
    })
  })
  return app
}
