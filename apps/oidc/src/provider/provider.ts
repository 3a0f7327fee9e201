import { digestOf, type Verifier } from '@daytona-auth/auth'
import type { Database } from '@daytona-auth/db/core'
import { insertOnce } from '@daytona-auth/db/grants'
import type { Identity } from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import Provider from 'oidc-provider'
import type { ProviderConfig } from '../config.ts'
import type { UnknownLookUps } from '../limits/unknown-look-ups.ts'
import type { ProviderPages } from '../pages/page-content.ts'
import { deliverFromQueue } from './back-channel/logout-tokens.ts'
import { noteProtocolCaller } from './caller.ts'
import { nameClasses } from './class-names.ts'
import { createConfiguration } from './configuration/configuration.ts'
import { ROUTES } from './endpoint-paths.ts'
import { normalizeAuthorizations, normalizeClientRequests } from './endpoints/client-requests.ts'
import { showErrorPages } from './endpoints/error-pages.ts'
import { logProtocolErrors, noteProtocolDenials, renderUncaughtErrors, translateFaults } from './endpoints/faults.ts'
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
import type { ClientDenials } from './storage/client-denials.ts'
import { type ClientDirectory, findSecret, type SecretDigest } from './storage/clients.ts'
import { createUserCodes } from './storage/device-codes.ts'
import { createGrantRevocation, type GrantRevocation } from './storage/grant-revocation.ts'
import { createRedemption } from './storage/redemption.ts'
import { createResourceServerDirectory } from './storage/resource-servers.ts'
import type { SecretUses } from './storage/secret-uses.ts'
import { createSuccessors } from './storage/successors.ts'

export interface ProviderDependencies {
  readonly config: ProviderConfig
  readonly database: Database
  readonly clients: ClientDirectory
  readonly unknown: UnknownLookUps
  readonly secretUses: Pick<SecretUses, 'note'>
  readonly denials: Pick<ClientDenials, 'observeProvider'>
  readonly keys: SigningKeys
  readonly pages: ProviderPages
  readonly flows: ProviderFlows
  /** Created once, as the flows. */
  readonly anonymous: Middleware
  /** Verifies credentials, and is invalidated for each grant that this process revokes. */
  readonly verifier: Pick<Verifier, 'verifyForClient' | 'checkToken' | 'checkResourceToken' | 'invalidate'>
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
  const { config, database, clients, unknown, secretUses, keys, pages, flows, anonymous, verifier } = dependencies
  const { logger, metrics, denials, now } = dependencies
  const grants = createGrantRevocation({
    database,
    logger,
    onRevoked: metrics.countEndedGrants,
    invalidate: (change) => verifier.invalidate(change),
  })
  const resourceServers = createResourceServerDirectory(database, unknown)
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
      resourceServers,
      redemption: redemptions,
      polls: flows.device.polls,
      userCodes: createUserCodes(config.COOKIE_KEYS),
      refreshReuseGraceMs,
      successors: createSuccessors(config.COOKIE_KEYS),
      returnTo: (uid, isOfDevice) =>
        `${config.ISSUER}${isOfDevice ? ROUTES.code_verification : ROUTES.authorization}/${uid}`,
    }),
  )
  nameClasses(provider)
  // Safe for any peer: `pinHost` has overwritten the forwarded headers.
  provider.proxy = true
  compareSecretsByDigest(provider, secretUses, now)
  endSessionWithItsGrants(provider, grants)
  dropFormTokensOnLogin(provider)
  keepOriginOfLogin(provider)
  bindIdTokens(provider)
  deliverFromQueue(provider)
  issueSuccessors(provider)
  detectReplays(provider, database)

  // From the outermost to the innermost; all run around the library's router.
  provider.use(noteProtocolCaller)
  provider.use(noteProtocolDenials(provider))
  provider.use(renderUncaughtErrors({ pages, logger }))
  provider.use(applyHtmlPolicy(pages))
  provider.use(leaveByPage(pages, config.ISSUER))
  provider.use(showErrorPages(provider, pages))
  provider.use(translateFaults(provider, { pages, logger, timeoutMs: config.HANDLER_TIMEOUT }))
  provider.use(cachePublished)
  provider.use(anonymous)
  for (const middleware of flows.signOut.middleware(grants)) provider.use(middleware)
  const rules = { clients, resourceServers, audience: config.API_AUDIENCE }
  provider.use(normalizeAuthorizations(rules))
  provider.use(normalizeClientRequests(rules))
  provider.use(promptForOfflineAccess(clients))
  provider.use(flows.device.middleware)
  const { ISSUER: issuer, API_AUDIENCE: audience } = config
  provider.use(revokeAccessTokens({ grants, verifier, audience }))
  provider.use(introspectCredentials({ database, verifier, issuer, audience, logger, now }))
  provider.use(settleRedemptions(redemptions))
  logProtocolErrors(provider, logger)
  metrics.observeProvider(provider)
  denials.observeProvider(provider)
  return provider
}

/** Compares a client's secret with the digests in its metadata, and notes its use. The library awaits the result. */
function compareSecretsByDigest({ Client }: Provider, uses: Pick<SecretUses, 'note'>, now: () => number): void {
  Client.prototype.compareClientSecret = function (actual) {
    // Written by `toClientMetadata` only.
    const digests = this['secret_digests'] as readonly SecretDigest[] | undefined
    const found = findSecret(digests, actual, now())
    if (found) uses.note(found.id)
    return found !== undefined
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

/**
 * Keeps in a session, and in its payload, with which account at another provider its user has signed in, and the version of the
 * sign-in. An organization may require that account, and removing it ends the session. A sign-in of an earlier version has ended.
 */
function keepOriginOfLogin({ Session }: Provider): void {
  const { IN_PAYLOAD } = Session
  Object.defineProperty(Session, 'IN_PAYLOAD', { get: () => [...IN_PAYLOAD, 'identity', 'signInVersion'] })
  const { loginAccount } = Session.prototype
  Session.prototype.loginAccount = function (details) {
    const login = Provider.ctx?.oidc.entities.Interaction?.result?.login
    const identity = login?.['identity'] as Identity | undefined // from `createLogin`
    Object.assign(this, { identity, signInVersion: login?.['signInVersion'] })
    requestContext().upstreamLogin = identity?.session && { ...identity, ...identity.session }
    return loginAccount.call(this, details)
  }
}

/**
 * How long the library accepts a proof whose `iat` is in the future, in seconds. It asks to remember a proof for as long from
 * now, which is too short for such a one.
 */
const FUTURE_PROOF_SECONDS = 300

/**
 * Remembers the `jti` of client assertions and proofs of keys in one statement. The library reads before it writes, so
 * concurrent requests could use one twice. Its types lack the model's `unique`.
 */
function detectReplays({ ReplayDetection }: Provider, database: Database): void {
  Object.assign(ReplayDetection, {
    unique: (clientId: string, jti: string, expiresAt: number): Promise<boolean> =>
      insertOnce(database, {
        model: 'ReplayDetection',
        digest: digestOf(JSON.stringify([clientId, jti])),
        clientId,
        expiresAt: expiresAt + FUTURE_PROOF_SECONDS,
      }),
  })
}
