import { createMailTranslations } from '@daytona-auth/accounts/mail/mail-translations'
import { upstreamClientSecrets } from '@daytona-auth/accounts/upstream-client-secrets'
import { ensureFirstPartyClients, recordClientDenials, recordClientSecretUses } from '@daytona-auth/db/clients'
import { checkPrimary } from '@daytona-auth/db/core'
import { isMigrated } from '@daytona-auth/db/operations'
import {
  type Application,
  type Resources,
  type RunningServer,
  type ServerOptions,
  startServer,
} from '@daytona-auth/server'
import type { Mailer } from '@daytona-auth/service'
import { rotationPace } from '@daytona-auth/signing-keys/rotation-schedule'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import packageJson from '../package.json' with { type: 'json' }
import { buildApp } from './app.ts'
import type { ProviderConfig } from './config.ts'
import { firstPartyClients } from './first-party.ts'
import { createDeviceFlow } from './flows/device/device-flow.ts'
import { advanceFactorResets } from './flows/factor-reset/advance-resets.ts'
import { createSignInMetrics } from './flows/metrics.ts'
import { createSignOutFlow } from './flows/sign-out/sign-out-flow.ts'
import { createSignOutReturns } from './flows/sign-out/sign-out-returns.ts'
import { shareAttempts } from './limits/shared-attempts.ts'
import { createUnknownLookUps } from './limits/unknown-look-ups.ts'
import { pageFrameOf } from './pages/pages.ts'
import { openPlaces } from './pages/places.ts'
import { createProviderPages } from './pages/provider-pages.ts'
import { createLogoutDelivery } from './provider/back-channel/logout-delivery.ts'
import { limitAnonymous } from './provider/endpoints/anonymous.ts'
import { followSigningKeys } from './provider/keys/rotation.ts'
import { ensureSigningKeys } from './provider/keys/signing-keys.ts'
import { createProviderMetrics } from './provider/metrics.ts'
import { createProvider } from './provider/provider.ts'
import { createClientDenials } from './provider/storage/client-denials.ts'
import { createClientDocuments } from './provider/storage/client-documents.ts'
import { createClientDirectory } from './provider/storage/clients.ts'
import { createSecretUses } from './provider/storage/secret-uses.ts'
import { sweep } from './provider/storage/sweeper.ts'
import { deleteUnusedAccounts } from './provider/storage/unused-accounts.ts'
import { createOrganizationUpstreams } from './upstream/organization-upstreams.ts'
import { createUpstreams, upstreamDependencies } from './upstream/upstreams.ts'

const SWEEP_MS = 60_000
const FLUSH_MS = 3000
const LOGOUT_DELIVERY_MS = 1000
const FACTOR_RESETS_MS = 60_000
const UNUSED_ACCOUNTS_MS = 60 * 60_000

/**
 * Starts a provider once the database is ready. A first start creates the signing keys and our own clients. The server
 * listens when it is ready to serve requests.
 * @throws StartupError with one line that says what to do
 */
export const startProvider = (config: ProviderConfig, options?: ServerOptions): Promise<RunningServer> =>
  startServer(
    config,
    {
      service: 'oidc',
      version: packageJson.version,
      listens: 'after-loading',
      build: (resources) => buildApplication(config, resources),
    },
    options,
  )

async function buildApplication(config: ProviderConfig, resources: Resources): Promise<Application> {
  const { logger, now, tracing, pools, databaseReady, channel, verifier, redis, mailer, invalidations, closers } =
    resources
  const { management: database, verification, background } = pools
  const { registry, http } = resources.metrics
  const metrics = createProviderMetrics(registry)
  const wrapping = keyWrapping(config.SIGNING_KEYS_SECRET)
  await databaseReady
  await ensureSigningKeys(database, wrapping)
  await ensureFirstPartyClients(database, firstPartyClients(config.ISSUER, config.BRAND_NAME))

  const unknown = createUnknownLookUps({ perMinute: config.UNKNOWN_CREDENTIALS_PER_MINUTE })
  const share = redis && shareAttempts({ redis, secret: config.SIGNING_KEYS_SECRET[0] })
  const documents = createClientDocuments({ database, config, logger, share, now })
  const clients = createClientDirectory({ database, channel, unknown, documents, now })
  closers.defer(() => clients.close())
  const unsubscribe = invalidations?.subscribe((change) => {
    if (change.kind === 'client') clients.invalidate(change.id)
  })
  closers.defer(() => unsubscribe?.())
  const secretUses = createSecretUses({ write: (uses) => recordClientSecretUses(background, uses), now })
  const denials = createClientDenials({ write: (counted) => recordClientDenials(background, counted), now })
  // The last flushes run after the server has drained: closers run in reverse order.
  for (const [what, { flush }] of Object.entries({ 'secret uses': secretUses, 'client denials': denials })) {
    // A failed flush must not fail an orderly shutdown.
    closers.defer(() => flush().catch((error: unknown) => logger.warn({ err: error }, `last flush of ${what} failed`)))
  }

  const dependencies = upstreamDependencies(config, now)
  const upstreams = createUpstreams(config, dependencies)
  const { ISSUER: issuer, COOKIE_KEYS: cookieKeys } = config
  const returns = createSignOutReturns({ issuer, cookieKeys, now })
  const pages = createProviderPages(pageFrameOf(config))
  const mailsIn = createMailTranslations(config.BRAND_NAME)
  const flows = {
    device: createDeviceFlow({ config, pages, share, now }),
    signOut: createSignOutFlow(pages, { issuer, upstreams, returns, logger }),
  }
  const anonymous = limitAnonymous({ config, pages, share, now })
  const rotation = await followSigningKeys({
    database,
    channel,
    wrapping,
    logger,
    pace: rotationPace(config),
    build: (keys) =>
      createProvider({
        config,
        database,
        clients,
        unknown,
        secretUses,
        denials,
        keys,
        pages,
        flows,
        anonymous,
        verifier,
        logger,
        metrics,
        now,
      }),
  })
  closers.defer(() => rotation.close())
  const app = await buildApp({
    database,
    config,
    mailer,
    mailsIn,
    places: await openPlaces(config.LOCATION_DATABASE),
    share,
    now,
    verifier,
    clients,
    unknown,
    upstreams,
    organizationUpstreams: createOrganizationUpstreams({
      database,
      clientSecrets: config.RESOURCE_SECRETS_KEY && upstreamClientSecrets(config.RESOURCE_SECRETS_KEY),
      dependencies,
    }),
    invalidate: (change) => verifier.invalidate(change),
    logger,
    metrics: createSignInMetrics(registry),
    tracing,
    http,
    provider: rotation.current,
    checks: {
      database: () => checkPrimary(pools, channel),
      migrations: async () => {
        if (!(await isMigrated(verification))) throw new Error('migrations are missing')
      },
      keys: async () => {
        if (!verifier.isReady()) throw new Error('signing keys are not loaded')
        if (!rotation.areSigningKeysPublished()) throw new Error('a signing key of this process was removed')
      },
    },
  })
  const factorResets = (sending: Mailer) => ({
    database: background,
    mailer: sending,
    issuer: config.ISSUER,
    mailsIn,
    waitMs: config.FACTOR_RESET_WAIT,
    logger,
    now,
  })
  const registrationsKeptMs = config.UNUSED_REGISTRATION_TTL
  const consumedKeptMs = config.REFRESH_REUSE_GRACE + config.REFRESH_REUSE_WINDOW
  return {
    app,
    tasks: [
      {
        name: 'sweep',
        everyMs: SWEEP_MS,
        run: (signal) => sweep(background, { consumedKeptMs, registrationsKeptMs, signal }),
      },
      // Without a mailer no address can be verified.
      ...(mailer === undefined
        ? []
        : [
            {
              name: 'delete unused accounts',
              everyMs: UNUSED_ACCOUNTS_MS,
              run: (signal: AbortSignal) =>
                deleteUnusedAccounts(background, { keptMs: config.UNVERIFIED_ACCOUNT_TTL, signal }),
            },
            {
              name: 'advance factor resets',
              everyMs: FACTOR_RESETS_MS,
              run: (signal: AbortSignal) => advanceFactorResets(factorResets(mailer), signal),
            },
          ]),
      {
        name: 'deliver logouts',
        everyMs: LOGOUT_DELIVERY_MS,
        run: createLogoutDelivery({
          database: background,
          provider: rotation.current,
          allowedNetworks: config.OUTBOUND_NETWORKS,
          logger,
          onAttempt: metrics.countLogoutDelivery,
        }),
      },
      { name: 'flush secret uses', everyMs: FLUSH_MS, run: () => secretUses.flush() },
      { name: 'flush client denials', everyMs: FLUSH_MS, run: () => denials.flush() },
    ],
  }
}
