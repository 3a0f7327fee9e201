import type { Verifier } from '@daytona-auth/auth'
import type { Database } from '@daytona-auth/db/core'
import type { FastifyBaseLogger } from 'fastify'
import Provider from 'oidc-provider'
import type { ProviderConfig } from '../config.ts'
import type { UnknownLookUps } from '../limits/unknown-look-ups.ts'
import type { ProviderPages } from '../pages/page-content.ts'
import { noteProtocolCaller } from './caller.ts'
import { createConfiguration } from './configuration/configuration.ts'
import { ROUTES } from './endpoint-paths.ts'
import { normalizeAuthorizations, normalizeClientRequests } from './endpoints/client-requests.ts'
import { showErrorPages } from './endpoints/error-pages.ts'
import { logProtocolErrors, renderUncaughtErrors, translateFaults } from './endpoints/faults.ts'
import { applyHtmlPolicy } from './endpoints/html-policy.ts'
import { bindIdTokens } from './endpoints/id-token.ts'
import { introspectCredentials } from './endpoints/introspection.ts'
import { leaveByPage } from './endpoints/leave.ts'
import { promptForOfflineAccess } from './endpoints/prompt.ts'
import { cachePublished } from './endpoints/published.ts'
import { revokeAccessTokens } from './endpoints/revocation.ts'
import { settleRedemptions } from './endpoints/settle.ts'
import type { ProviderFlows } from './flows.ts'
import type { SigningKeys } from './keys/signing-keys.ts'
import type { ProviderMetrics } from './metrics.ts'
import type { Middleware } from './middleware.ts'
import { requestContext } from './request-context.ts'
import { type ClientDirectory, isClientSecret } from './storage/clients.ts'
import { createUserCodes } from './storage/device-codes.ts'
import { createGrantRevocation, type GrantRevocation } from './storage/grant-revocation.ts'
import { createRedemption } from './storage/redemption.ts'
import { createSuccessors } from './storage/successors.ts'

export interface ProviderDependencies {
  readonly config: ProviderConfig
  readonly database: Database
  readonly clients: ClientDirectory
  readonly unknown: UnknownLookUps
  readonly keys: SigningKeys
  readonly pages: ProviderPages
  readonly flows: ProviderFlows
  /** Created once, as the flows. */
  readonly anonymous: Middleware
  /** Verifies credentials, and is invalidated for each grant that this process revokes. */
  readonly verifier: Pick<Verifier, 'verifyForClient' | 'invalidate'>
  readonly logger: FastifyBaseLogger
  readonly metrics: ProviderMetrics
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Creates oidc-provider as this deployment runs it. It keeps only its keys and parsed clients in memory. So a provider
 * with other keys can replace it between two requests.
 */
export function createProvider(dependencies: ProviderDependencies): Provider {
  const { config, database, clients, unknown, keys, pages, flows, anonymous, verifier, logger, metrics, now } =
    dependencies
  const grants = createGrantRevocation({
    database,
    logger,
    onRevoked: metrics.countEndedGrants,
    invalidate: (change) => verifier.invalidate(change),
  })
  const refreshReuseGraceMs = config.REFRESH_REUSE_GRACE
  const redemptions = createRedemption({ database, grants, refreshReuseGraceMs })
  const provider = new Provider(
    config.ISSUER,
    createConfiguration({
      config,
      database,
      clients,
      unknown,
      grants,
      keys,
      pages,
      now,
      flows,
      redemption: redemptions,
      polls: flows.device.polls,
      userCodes: createUserCodes(config.COOKIE_KEYS),
      refreshReuseGraceMs,
      successors: createSuccessors(config.COOKIE_KEYS),
      returnTo: (uid, isOfDevice) =>
        `${config.ISSUER}${isOfDevice ? ROUTES.code_verification : ROUTES.authorization}/${uid}`,
    }),
  )
  // Safe for any peer: `pinHost` has overwritten the forwarded headers.
  provider.proxy = true
  compareSecretsByDigest(provider)
  endSessionWithItsGrants(provider, grants)
  dropFormTokensOnLogin(provider)
  bindIdTokens(provider)
  issueSuccessors(provider)

  // From the outermost to the innermost; all run around the library's router.
  provider.use(noteProtocolCaller)
  provider.use(renderUncaughtErrors({ pages, logger }))
  provider.use(applyHtmlPolicy(pages))
  provider.use(leaveByPage(pages, config.ISSUER))
  provider.use(showErrorPages(provider, pages))
  provider.use(translateFaults(provider, { pages, logger, timeoutMs: config.HANDLER_TIMEOUT }))
  provider.use(cachePublished)
  provider.use(anonymous)
  for (const middleware of flows.signOut.middleware(grants)) provider.use(middleware)
  provider.use(normalizeAuthorizations({ clients, audience: config.API_AUDIENCE }))
  provider.use(normalizeClientRequests({ clients, audience: config.API_AUDIENCE }))
  provider.use(promptForOfflineAccess(clients))
  provider.use(flows.device.middleware)
  const { ISSUER: issuer, API_AUDIENCE: audience } = config
  provider.use(revokeAccessTokens({ grants, publicJwks: keys.publicJwks, issuer, audience, now }))
  provider.use(introspectCredentials({ verifier, issuer, audience, logger, now }))
  provider.use(settleRedemptions(redemptions))
  logProtocolErrors(provider, logger)
  metrics.observeProvider(provider)
  return provider
}

/** Compares client secrets with the digest that a client carries in their place. The library awaits the result. */
function compareSecretsByDigest({ Client }: Provider): void {
  Client.prototype.compareClientSecret = function (actual) {
    return isClientSecret(this.clientSecret, actual)
  }
}

/**
 * Ends a session together with its grants. The library keeps one grant for each app, so its own `destroy` would leave
 * the grants of earlier authorizations valid. It also destroys the previous id of a session, by way of the adapter.
 */
function endSessionWithItsGrants({ Session }: Provider, grants: GrantRevocation): void {
  Session.prototype.destroy = async function () {
    await grants.endSession(this.uid)
    // The library's own mark; its types lack the member.
    Object.assign(this, { destroyed: true })
  }
}

/** Issues the successor of the presented refresh token in place of a random token. */
function issueSuccessors({ RefreshToken }: Provider): void {
  const { save } = RefreshToken.prototype
  RefreshToken.prototype.save = function (...args) {
    const { successor } = requestContext()
    if (successor !== undefined && !this.jti) this.jti = successor
    return save.apply(this, args)
  }
}

/**
 * Drops the token of the library's forms (sign-out, device codes) when a session gets another account. So a page that
 * was opened before the sign-in cannot act for the account that is signed in now.
 */
function dropFormTokensOnLogin({ Session }: Provider): void {
  const { loginAccount } = Session.prototype
  Session.prototype.loginAccount = function (details) {
    if (this.accountId !== details.accountId) Object.assign(this, { state: undefined })
    return loginAccount.call(this, details)
  }
}
