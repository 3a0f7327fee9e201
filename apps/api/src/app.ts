import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { createMailTranslations } from '@daytona-auth/accounts/mail/mail-translations'
import {
  authentication,
  callerFactsOf,
  limiterMetrics,
  type OnDecision,
  type OnDenial,
  rateLimiter,
  type SharedLimits,
  type Verifier,
} from '@daytona-auth/auth'
import { createAnchorSigner } from '@daytona-auth/db/audit'
import type { ApiKeyId, Channel, Database } from '@daytona-auth/db/core'
import { isMigrated } from '@daytona-auth/db/operations'
import {
  createPublicFetch,
  createServer,
  health,
  isProtocolUrl,
  type LookUpTxt,
  limitHandlerTime,
  type Mailer,
  type Metrics,
  type Server,
  sendDenial,
  sendProtocolDenial,
  type Tracing,
} from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import type { ApiConfig } from './config.ts'
import { apiKeyRoutes } from './features/api-keys/routes.ts'
import { appAccessRoutes } from './features/app-access/routes.ts'
import { auditRoutes } from './features/audit/routes.ts'
import { dashboardRoutes } from './features/dashboard/routes.ts'
import { docsRoutes } from './features/docs/routes.ts'
import { sendUnknownPage } from './features/docs/unknown-page.ts'
import { eventRoutes } from './features/events/routes.ts'
import { forwardAuthRoutes } from './features/forward-auth/routes.ts'
import { oauthAppActivityRoutes } from './features/oauth-apps/activity-routes.ts'
import type { OauthAppDependencies } from './features/oauth-apps/oauth-apps.ts'
import { oauthAppRoutes } from './features/oauth-apps/routes.ts'
import { oauthAppSecretRoutes } from './features/oauth-apps/secret-routes.ts'
import { organizationRoutes } from './features/organizations/routes.ts'
import type { SealPassword } from './features/registries/registries.ts'
import { registryRoutes } from './features/registries/routes.ts'
import { resourceServerRoutes } from './features/resource-servers/routes.ts'
import { sandboxRoutes } from './features/sandbox/routes.ts'
import { domainRoutes } from './features/single-sign-on/domain-routes.ts'
import { identityProviderRoutes } from './features/single-sign-on/identity-provider-routes.ts'
import { provisioningRoutes } from './features/single-sign-on/provisioning-routes.ts'
import { snapshotRoutes } from './features/snapshots/routes.ts'
import { PROTECTED_RESOURCE_PATH, systemRoutes } from './features/system/routes.ts'
import { usageRoutes } from './features/usage/routes.ts'
import { ownAccessRoutes } from './features/users/own-access-routes.ts'
import { userRoutes } from './features/users/routes.ts'
import { volumeRoutes } from './features/volumes/routes.ts'
import { stripApiPrefix } from './http/api-prefix.ts'
import { budget, creationLimit } from './http/creation-limit.ts'
import { allowAnyOrigin, crossOrigin } from './http/cross-origin.ts'
import { emptyBodies } from './http/empty-bodies.ts'
import { errorResponses } from './http/error-responses.ts'
import { handlerDenials, type OnHandlerDenial } from './http/handler-denials.ts'
import { listPages } from './http/list-pages.ts'
import { openApi } from './http/openapi.ts'
import { creationLimitsOf } from './limits/creation-limits.ts'

export interface ApiDependencies {
  readonly config: ApiConfig
  readonly logger: Logger
  readonly database: Database
  /** A pool to the same database that requests do not occupy, for the health checks. Default: `database`. */
  readonly verification?: Database
  /** Rejects while the database is not usable, for readiness. */
  readonly checkDatabase?: () => Promise<unknown>
  readonly verifier: Verifier
  readonly channel: Pick<Channel, 'isFresh' | 'subscribe' | 'subscribeToNotices'>
  readonly metrics?: Metrics
  readonly tracing?: Tracing | undefined
  /** Absent: no mail is sent. */
  readonly mailer?: Mailer | undefined
  /** Absent: this process counts only its own requests. */
  readonly limits?: SharedLimits | undefined
  /** The folder of the built dashboard. Absent: none is served. */
  readonly dashboard?: string | undefined
  /** Looks up the records by which organizations verify domains. */
  readonly lookUpTxt: LookUpTxt
  readonly onDecision?: OnDecision
  readonly onDenial?: OnDenial
  readonly onHandlerDenial?: OnHandlerDenial
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

export const { version } = packageJson

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

/** For one request to an identity provider that is tested, and its longest document. */
const UPSTREAM_TIMEOUT_MS = 4_000
const UPSTREAM_MAX_BYTES = 256 * 1024

/** Longer than any of the API's statements takes on a healthy database, and shorter than client timeouts. */
const HANDLER_TIMEOUT_MS = 5_000

/**
 * Builds the API server without listening. It yields to the event loop between parts: registering the routes takes
 * longer than the first database answers, which are received in between.
 */
export async function buildApi(dependencies: ApiDependencies): Promise<Server> {
  const {
    config,
    logger,
    database,
    verification = database,
    checkDatabase,
    verifier,
    channel,
    metrics,
    mailer,
    limits,
    dashboard,
    lookUpTxt,
    onDecision,
    onDenial,
    now = Date.now,
  } = dependencies
  const issuer = config.ISSUER
  const toolboxProxyUrl = `${issuer}/toolbox`
  const app = createServer({
    logger,
    trustedProxies: config.TRUSTED_PROXIES,
    bodyLimitBytes: config.BODY_LIMIT,
    callerOf: callerFactsOf,
    tracing: dependencies.tracing,
    rewritePath: stripApiPrefix,
    sendDenial: (request, reply, denial) => {
      allowAnyOrigin(request, reply)
      if (denial.code === 'not_found' && sendUnknownPage(request, reply)) return
      if (isProtocolRequest(request)) sendProtocolDenial(reply, denial)
      else sendDenial(reply, denial)
    },
    ...(metrics && { timings: metrics.http }),
  })

  const limiters = {
    requests: rateLimiter({ limit: config.REQUESTS_PER_MINUTE, onCount: limits?.onCountOf('requests') }),
    sandboxes: rateLimiter({ limit: config.SANDBOX_CREATIONS_PER_MINUTE, onCount: limits?.onCountOf('sandboxes') }),
    invitations: rateLimiter({
      limit: config.INVITATIONS_PER_HOUR,
      windowMs: HOUR_MS,
      onCount: limits?.onCountOf('invitations'),
    }),
    invitationsTo: rateLimiter({
      limit: config.INVITATIONS_TO_ADDRESS_PER_DAY,
      windowMs: DAY_MS,
      onCount: limits?.onCountOf('invitations-to'),
    }),
    invitationsOf: rateLimiter({
      limit: config.INVITATIONS_OF_ORGANIZATION_PER_DAY,
      windowMs: DAY_MS,
      onCount: limits?.onCountOf('invitations-of'),
    }),
  }
  const creation = creationLimitsOf(config)
  if (metrics) limiterMetrics(metrics.registry, limiters)

  await app.register(crossOrigin)
  await yieldToEventLoop()
  await app.register(authentication, {
    verifier,
    resourceMetadataUrl: `${issuer}${PROTECTED_RESOURCE_PATH}`,
    now,
    rateLimiter: limiters.requests,
    concurrentWrites: config.MANAGEMENT_WRITES_PER_CREDENTIAL,
    ...(onDecision && { onDecision }),
    ...(onDenial && { onDenial }),
  })
  await yieldToEventLoop()
  await app.register(openApi, { issuer, version })
  await app.register(listPages)
  await app.register(errorResponses)
  await yieldToEventLoop()

  await app.register(health, {
    checks: {
      database: checkDatabase ?? (() => verification.$client`SELECT 1`),
      migrations: async () => assertHealthy(await isMigrated(verification), 'migrations are missing'),
      'signing-keys': async () => assertHealthy(verifier.isReady(), 'the signing keys have not been read yet'),
    },
  })
  await yieldToEventLoop()
  systemRoutes(app, { version, issuer, audience: config.API_AUDIENCE, toolboxProxyUrl })
  await yieldToEventLoop()
  docsRoutes(app, {
    issuer,
    limits: {
      requestsPerMinute: config.REQUESTS_PER_MINUTE,
      unknownCredentialsPerMinute: config.UNKNOWN_CREDENTIALS_PER_MINUTE,
      sandboxCreationsPerMinute: config.SANDBOX_CREATIONS_PER_MINUTE,
      invitationsPerHour: config.INVITATIONS_PER_HOUR,
      invitationsToAddressPerDay: config.INVITATIONS_TO_ADDRESS_PER_DAY,
      invitationsOfOrganizationPerDay: config.INVITATIONS_OF_ORGANIZATION_PER_DAY,
      managementWritesPerCredential: config.MANAGEMENT_WRITES_PER_CREDENTIAL,
      eventStreamsPerOrganization: config.EVENT_STREAMS_PER_ORGANIZATION,
      eventStreamsPerUser: config.EVENT_STREAMS_PER_USER,
      invitationTtlMs: config.INVITATION_TTL,
      bodyLimitBytes: config.BODY_LIMIT,
      usageHoursDays: Math.floor(config.USAGE_HOURS_RETENTION / DAY_MS),
      usageDays: Math.floor(config.USAGE_RETENTION / DAY_MS),
      creation,
    },
  })
  await yieldToEventLoop()
  if (dashboard !== undefined) dashboardRoutes(app, { directory: dashboard, issuer })
  userRoutes(app)
  forwardAuthRoutes(app)
  if (config.PROVIDER_URL !== undefined) {
    // Loaded on demand: its HTTP client is a quarter of the bundle, and is unused if a proxy forwards these paths.
    const { providerRoutes } = await import('./features/provider/routes.ts')
    await app.register(providerRoutes, { providerUrl: config.PROVIDER_URL })
  }

  await app.register(async (part) => {
    const databaseRoutes = part.withTypeProvider<ZodTypeProvider>()
    // These handlers read the database: 503 if it hangs. The routes above do not, so they need no timer.
    limitHandlerTime(databaseRoutes, { defaultMs: HANDLER_TIMEOUT_MS, check: () => verification.$client`SELECT 1` })
    await databaseRoutes.register(emptyBodies)
    await databaseRoutes.register(handlerDenials, { onHandlerDenial: dependencies.onHandlerDenial, onDenial })
    await yieldToEventLoop()
    const mailsIn = createMailTranslations(config.BRAND_NAME)
    const invalidate: Verifier['invalidate'] = (change) => verifier.invalidate(change)
    organizationRoutes(databaseRoutes, {
      database,
      now,
      issuer,
      mailer,
      mailsIn,
      logger,
      limits: creation,
      invitationTtlMs: config.INVITATION_TTL,
      admitInvitation: creationLimit(limiters.invitations, now),
      spendOnAddress: budget(limiters.invitationsTo, 'too many invitations of an address', now),
      spendOnOrganization: budget(limiters.invitationsOf, 'too many invitations of an organization', now),
      invalidate,
    })
    await yieldToEventLoop()
    ownAccessRoutes(databaseRoutes, {
      database,
      now,
      issuer,
      mailer,
      mailsIn,
      logger,
      invalidate,
    })
    await yieldToEventLoop()
    await databaseRoutes.register(auditRoutes, {
      database,
      anchors: config.AUDIT_ANCHOR_KEYS && createAnchorSigner(config.AUDIT_ANCHOR_KEYS),
    })
    await databaseRoutes.register(eventRoutes, {
      database,
      channel,
      logger,
      registry: metrics?.registry,
      limits: {
        perProcess: config.EVENT_STREAMS,
        perOrganization: config.EVENT_STREAMS_PER_ORGANIZATION,
        perUser: config.EVENT_STREAMS_PER_USER,
      },
    })
    await yieldToEventLoop()
    usageRoutes(databaseRoutes, {
      database,
      now,
      hoursRetentionMs: config.USAGE_HOURS_RETENTION,
      retentionMs: config.USAGE_RETENTION,
    })
    const invalidateApiKey = (id: ApiKeyId) => verifier.invalidate({ kind: 'key', id })
    apiKeyRoutes(databaseRoutes, { database, limits: creation, now, invalidateApiKey })
    await yieldToEventLoop()
    const brand = config.BRAND_NAME
    const oauthApps: OauthAppDependencies = {
      database,
      brand,
      invalidateApiKey,
      invalidateClient: (id) => verifier.invalidate({ kind: 'client', id }),
      now,
    }
    oauthAppRoutes(databaseRoutes, oauthApps)
    oauthAppSecretRoutes(databaseRoutes, oauthApps)
    oauthAppActivityRoutes(databaseRoutes, oauthApps)
    resourceServerRoutes(databaseRoutes, { database, brand, reserved: [issuer, config.API_AUDIENCE] })
    appAccessRoutes(databaseRoutes, {
      database,
      mailer,
      mailsIn,
      logger,
      invalidate,
    })
    domainRoutes(databaseRoutes, { database, lookUpTxt })
    provisioningRoutes(databaseRoutes, { database, invalidate })
    identityProviderRoutes(databaseRoutes, {
      database,
      invalidate,
      issuer,
      clientSecrets: await createClientSecrets(config.RESOURCE_SECRETS_KEY),
      fetchPublic: createPublicFetch({
        allowedNetworks: config.OUTBOUND_NETWORKS,
        timeoutMs: UPSTREAM_TIMEOUT_MS,
        maxBytes: UPSTREAM_MAX_BYTES,
      }),
    })
    await yieldToEventLoop()
    sandboxRoutes(databaseRoutes, {
      database,
      toolboxProxyUrl,
      admit: creationLimit(limiters.sandboxes, now),
    })
    snapshotRoutes(databaseRoutes, { database })
    volumeRoutes(databaseRoutes, { database })
    await yieldToEventLoop()
    registryRoutes(databaseRoutes, {
      database,
      sealPassword: await createSealer(config.RESOURCE_SECRETS_KEY),
    })
  })
  return app
}

/** Whether denials have the form of RFC 6749, decided by the route, or by the path if no route matched. */
function isProtocolRequest({ routeOptions, url }: FastifyRequest): boolean {
  const route: string | undefined = routeOptions?.url // undefined before routing
  return route === undefined ? isProtocolUrl(url) : route === '/oauth/*'
}

/** Creates the password sealer. Its library is loaded only if a secret is set. */
async function createSealer(secrets: readonly [string, ...string[]] | undefined): Promise<SealPassword | undefined> {
  if (secrets === undefined) return undefined
  const { registryPasswords } = await import('@daytona-auth/accounts/registry-passwords')
  return registryPasswords(secrets).seal
}

/** As `createSealer`, for the client secrets of identity providers. */
async function createClientSecrets(secrets: readonly [string, ...string[]] | undefined) {
  if (secrets === undefined) return undefined
  const { upstreamClientSecrets } = await import('@daytona-auth/accounts/upstream-client-secrets')
  return upstreamClientSecrets(secrets)
}

function assertHealthy(isHealthy: boolean, problem: string): void {
  if (!isHealthy) throw new Error(problem)
}
