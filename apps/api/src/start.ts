import { type SharedLimits, sharedLimits } from '@daytona-auth/auth'
import { recordKeyDenials, recordUsage } from '@daytona-auth/db/api-keys'
import { ensureAuditPartitions } from '@daytona-auth/db/audit'
import { checkPrimary } from '@daytona-auth/db/core'
import { fillSpaceReserve } from '@daytona-auth/db/operations'
import {
  type Application,
  type Resources,
  type RunningServer,
  type ServerOptions,
  startServer,
} from '@daytona-auth/server'
import { createTxtLookUp } from '@daytona-auth/service'
import { buildApi, version } from './app.ts'
import type { ApiConfig } from './config.ts'
import { expireDueApiKeys } from './features/api-keys/sweeper.ts'
import { denialRecorder } from './features/audit/denial-recorder.ts'
import { dropOldAuditMonths } from './features/audit/retention.ts'
import { findBundledDashboard } from './features/dashboard/files.ts'
import { checkDomains } from './features/single-sign-on/domain-checks.ts'
import { usageRecorder } from './features/usage/recorder.ts'
import { applyRetention } from './tasks/retention.ts'

/** The interval between flushes: the counts that SIGKILL may lose. */
const FLUSH_MS = 3000
const SWEEP_MS = 15_000
/** Soon after the disk has space again, creations are allowed. */
const RESERVE_MS = 60_000
/** For one attempt with one server. */
const DNS_TIMEOUT_MS = 1500
const HOUR_MS = 60 * 60 * 1000

/** A running API. */
export interface RunningApi {
  /** The URL that the server listens on. */
  readonly url: string
  readonly port: number
  /** Drains requests, flushes counts and closes the database pools. */
  close: RunningServer['close']
}

export interface ApiOptions extends ServerOptions {
  /** The folder of the built dashboard. Default: the one beside the bundle; without it, no dashboard is served. */
  readonly dashboard?: string | undefined
}

/**
 * Starts the API. It is live before the provider has created the signing keys, and ready afterwards.
 * @throws StartupError with one line that states what to do
 */
export async function startApi(
  config: ApiConfig,
  { dashboard = findBundledDashboard(), ...options }: ApiOptions = {},
): Promise<RunningApi> {
  const { port, close } = await startServer(
    config,
    {
      service: 'api',
      version,
      listens: 'before-loading',
      build: (resources) => buildApplication(config, resources, dashboard),
    },
    options,
  )
  return { url: `http://${hostOf(config.HOST)}:${port}`, port, close }
}

async function buildApplication(
  config: ApiConfig,
  resources: Resources,
  dashboard: string | undefined,
): Promise<Application> {
  const { logger, now, metrics, tracing, pools, channel, verifier, redis, mailer, closers } = resources
  const { management, verification, background } = pools
  if (config.RESOURCE_SECRETS_KEY === undefined) {
    logger.warn(
      'RESOURCE_SECRETS_KEY is not set: registries cannot be given a password, and organizations no identity provider',
    )
  }

  const limits: SharedLimits | undefined = redis && sharedLimits({ redis, now })
  closers.defer(() => limits?.close())
  const usage = usageRecorder({ write: ({ uses, hours }) => recordUsage(background, uses, hours), now })
  const denials = denialRecorder({ write: (noted) => recordKeyDenials(background, noted), now })
  // The last flush runs after the server has drained: closers run in reverse order.
  for (const [what, recorder] of [
    ['usage', usage],
    ['refusals', denials],
  ] as const) {
    closers.defer(() =>
      // A failed flush must not fail an orderly shutdown.
      recorder.flush().catch((error: unknown) => logger.warn({ err: error, what }, 'last flush failed')),
    )
  }

  const lookUpTxt = createTxtLookUp({ servers: config.DNS_SERVERS, timeoutMs: DNS_TIMEOUT_MS })
  const app = await buildApi({
    config,
    logger,
    database: management,
    verification,
    checkDatabase: () => checkPrimary(pools, channel),
    verifier,
    channel,
    metrics,
    tracing,
    mailer,
    limits,
    dashboard,
    lookUpTxt,
    now,
    onDecision: usage.count,
    onDenial: (...denial) => {
      denials.note(...denial)
      usage.explain(...denial)
    },
    onHandlerDenial: usage.deny,
  })
  return {
    app,
    tasks: [
      { name: 'flush usage', everyMs: FLUSH_MS, run: () => usage.flush() },
      { name: 'flush refusals', everyMs: FLUSH_MS, run: () => denials.flush() },
      { name: 'expire keys', everyMs: SWEEP_MS, run: (signal) => expireDueApiKeys(background, signal) },
      { name: 'audit partitions', everyMs: HOUR_MS, run: () => ensureAuditPartitions(background) },
      {
        name: 'space reserve',
        everyMs: RESERVE_MS,
        run: () => fillSpaceReserve(background, config.SPACE_RESERVE_BYTES),
      },
      { name: 'retention', everyMs: HOUR_MS, run: (signal) => applyRetention(background, config, signal) },
      {
        name: 'verified domains',
        everyMs: HOUR_MS,
        run: (signal) => checkDomains(background, lookUpTxt, signal),
      },
      { name: 'audit retention', everyMs: HOUR_MS, run: () => dropOldAuditMonths(background, config, logger) },
    ],
  }
}

const hostOf = (host: string): string => (host.includes(':') ? `[${host}]` : host)
