import { randomUUID } from 'node:crypto'
import type { Database } from '@daytona-auth/db/core'
import {
  BACKCHANNEL_ATTEMPTS,
  type BackchannelLogout,
  claimBackchannelLogouts,
  deleteBackchannelLogout,
} from '@daytona-auth/db/grants'
import { createPublicFetch } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import type Provider from 'oidc-provider'
import { signLogoutToken } from './logout-tokens.ts'

export interface LogoutDeliveryOptions {
  readonly database: Database
  /** Returns the current provider, which signs. */
  readonly provider: () => Provider
  /** Networks (CIDRs) that may be reached besides public addresses. */
  readonly allowedNetworks: readonly string[]
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn'>
  readonly onAttempt: (result: LogoutDeliveryResult) => void
}

/** `given_up`: the last attempt failed. `withdrawn`: the client no longer receives logout tokens. */
export type LogoutDeliveryResult = 'delivered' | 'failed' | 'given_up' | 'withdrawn'

/** A process delivers this many at the same time, of which few to one app. */
const PARALLEL = 20
const PARALLEL_OF_CLIENT = 4
/** Less than the delay before the second attempt, so that no token is sent twice at the same time. */
const TIMEOUT_MS = 3000
/** The body of the response is not read further. */
const MAX_BYTES = 16 * 1024

/** Creates the task that delivers the logout tokens that are due, until none is left or the signal is aborted. */
export function createLogoutDelivery({
  database,
  provider,
  allowedNetworks,
  logger,
  onAttempt,
}: LogoutDeliveryOptions) {
  const send = createPublicFetch({ allowedNetworks, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })

  async function attempt(logout: BackchannelLogout): Promise<LogoutDeliveryResult> {
    try {
      const current = provider()
      const client = await current.Client.find(logout.clientId)
      if (!client?.backchannelLogoutUri) return 'withdrawn'
      const token = await signLogoutToken(current, client, { ...logout, jti: randomUUID() })
      const form = new URLSearchParams({ logout_token: token })
      const { status } = await send(client.backchannelLogoutUri, { accept: 'application/json' }, form)
      if (status !== 200 && status !== 204) throw new Error(`logout token was answered with the status ${status}`)
      return 'delivered'
    } catch (error) {
      const isLast = logout.attempts >= BACKCHANNEL_ATTEMPTS
      const { clientId, attempts } = logout
      logger[isLast ? 'warn' : 'info']({ err: error, clientId, attempts }, 'logout token was not delivered')
      return isLast ? 'given_up' : 'failed'
    }
  }

  async function deliver(logout: BackchannelLogout): Promise<void> {
    const result = await attempt(logout)
    onAttempt(result)
    if (result !== 'failed') await deleteBackchannelLogout(database, logout.id)
  }

  return async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const due = await claimBackchannelLogouts(database, { limit: PARALLEL, perClient: PARALLEL_OF_CLIENT })
      if (due.length === 0) return
      await Promise.all(due.map(deliver))
    }
  }
}
