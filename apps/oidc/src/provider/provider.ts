import type { Verifier } from '@daytona-auth/auth'
import type { Database } from '@daytona-auth/db'
import type { FastifyBaseLogger } from 'fastify'
import Provider from 'oidc-provider'
import type { ProviderConfig } from '../config.ts'
import { noteProtocolCaller } from '../flows/interaction/caller.ts'
import { alreadySignedOut } from '../flows/sign-out/already-signed-out.ts'
import { endSignedOutApp } from '../flows/sign-out/one-app.ts'
import type { ProviderMetrics } from '../metrics.ts'
import type { ProviderPages } from '../page-context.ts'
import { configuration } from './configuration/configuration.ts'
import { ROUTES } from './configuration/endpoint-paths.ts'
import { normalizeAuthorizations } from './endpoints/client-requests.ts'
import type { DeviceFlow } from './endpoints/device-flow.ts'
import { errorPages } from './endpoints/error-pages.ts'
import { faultTranslation, lastResort, logProtocolErrors } from './endpoints/faults.ts'
import { bindIdTokens } from './endpoints/id-token.ts'
import { introspectCredentials } from './endpoints/introspection.ts'
import { leaveByPage } from './endpoints/leave.ts'
import { cachePublished } from './endpoints/published.ts'
import { revokeAccessTokens } from './endpoints/revocation.ts'
import { settleRedemptions } from './endpoints/settle.ts'
import type { UnknownLookUps } from './endpoints/unknown-look-ups.ts'
import type { SigningKeys } from './keys/signing-keys.ts'
import type { Middleware } from './middleware.ts'
import { htmlPolicy } from './policy/html-policy.ts'
import { promptForOfflineAccess } from './policy/prompt.ts'
import { type ClientDirectory, isClientSecret } from './storage/clients.ts'
import { userCodes } from './storage/device-codes.ts'
import { type GrantRevocation, grantRevocation } from './storage/grant-revocation.ts'
import { redemption } from './storage/redemption.ts'

export interface ProviderDependencies {
  readonly config: ProviderConfig
  readonly database: Database
  readonly clients: ClientDirectory
  readonly unknown: UnknownLookUps
  readonly keys: SigningKeys
  readonly pages: ProviderPages
  /** Made once: its counts outlive the provider, which a rotation of keys replaces. */
  readonly device: DeviceFlow
  /** Made once, for the same reason. */
  readonly anonymous: Middleware
  /** Says who a credential is, and is told of each grant that this process has killed. */
  readonly verifier: Pick<Verifier, 'verifyForClient' | 'invalidate'>
  readonly logger: FastifyBaseLogger
  readonly metrics: Pick<ProviderMetrics, 'killed' | 'watch'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * oidc-provider as this deployment runs it. It keeps nothing in memory but its keys and parsed clients, so that
 * another can be built from other keys and take over between two requests.
 */
export function createProvider(dependencies: ProviderDependencies): Provider {
  const { config, database, clients, unknown, keys, pages, device, anonymous, verifier, logger, metrics, now } =
    dependencies
  const grants = grantRevocation({
    database,
    logger,
    onRevoked: metrics.killed,
    invalidate: (change) => verifier.invalidate(change),
  })
  const redemptions = redemption(database, grants)
  const provider = new Provider(
    config.ISSUER,
    configuration({
      config,
      database,
      clients,
      unknown,
      grants,
      keys,
      pages,
      now,
      device,
      redemption: redemptions,
      polls: device.polls,
      userCodes: userCodes(config.COOKIE_KEYS),
      refreshReuseGraceMs: config.REFRESH_REUSE_GRACE,
      returnTo: (uid, isOfDevice) =>
        `${config.ISSUER}${isOfDevice ? ROUTES.code_verification : ROUTES.authorization}/${uid}`,
    }),
  )
  // What it believes of a proxy is what `pinHost` has written, whoever the peer is.
  provider.proxy = true
  compareSecretsByDigest(provider)
  endSessionWithItsGrants(provider, grants)
  endPagesOfOthers(provider)
  bindIdTokens(provider)

  // From the outside in; all of them around the library's router.
  provider.use(noteProtocolCaller)
  provider.use(lastResort({ pages, logger }))
  provider.use(htmlPolicy(pages))
  provider.use(leaveByPage(pages, config.ISSUER))
  provider.use(errorPages(provider, pages))
  provider.use(faultTranslation(provider, { pages, logger, timeoutMs: config.HANDLER_TIMEOUT }))
  provider.use(cachePublished)
  provider.use(anonymous)
  provider.use(alreadySignedOut(pages))
  provider.use(endSignedOutApp(grants))
  provider.use(normalizeAuthorizations({ clients, audience: config.API_AUDIENCE }))
  provider.use(promptForOfflineAccess(clients))
  provider.use(device.middleware)
  const { ISSUER: issuer, API_AUDIENCE: audience } = config
  provider.use(revokeAccessTokens({ grants, publicJwks: keys.publicJwks, issuer, audience, now }))
  provider.use(introspectCredentials({ verifier, issuer, audience, logger, now }))
  provider.use(settleRedemptions(redemptions))
  logProtocolErrors(provider, logger)
  metrics.watch(provider)
  return provider
}

/** Clients carry the digest of their secret in place of it. The library awaits this comparison. */
function compareSecretsByDigest({ Client }: Provider): void {
  Client.prototype.compareClientSecret = function (actual) {
    return isClientSecret(this.clientSecret, actual)
  }
}

/**
 * The library ends a session by destroying it, which would leave the grants of earlier authorizations of the same app
 * alive: it remembers one for each app. It also destroys the id that a session leaves; that one goes to the adapter.
 */
function endSessionWithItsGrants({ Session }: Provider, grants: GrantRevocation): void {
  Session.prototype.destroy = async function () {
    await grants.endSession(this.uid)
    // As the library marks it; its types do not know the member.
    Object.assign(this, { destroyed: true })
  }
}

/**
 * The library's forms (sign-out, device codes) carry a token that the session keeps. A session that gets an account loses
 * the token: a page that was opened while nobody was signed in is not answered in the name of who is signed in now.
 */
function endPagesOfOthers({ Session }: Provider): void {
  const { loginAccount } = Session.prototype
  Session.prototype.loginAccount = function (details) {
    if (this.accountId !== details.accountId) Object.assign(this, { state: undefined })
    return loginAccount.call(this, details)
  }
}
