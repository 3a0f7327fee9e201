import { createPublicFetch, isLoopback } from '@daytona-auth/service'
import * as client from 'openid-client'
import { UpstreamError } from './upstream.ts'

/** The longest document of an upstream provider: its metadata, keys, tokens or a profile. */
const MAX_BYTES = 256 * 1024

const LOOPBACK_NETWORKS = ['127.0.0.0/8', '::1/128']

export interface ExchangeOptions {
  readonly issuer: string
  /** Networks that may be reached besides public addresses. */
  readonly allowedNetworks: readonly string[]
  /** Whether the operator chose the issuer, which may then be on this machine. */
  readonly reachesOwnHost: boolean
  /** For all requests of one step together. */
  readonly timeoutMs: number
}

/** One step with an upstream provider: several requests under one time limit. */
export interface Exchange {
  readonly fetch: client.CustomFetch
  /** Converts an error of the step. */
  failure(error: unknown): UpstreamError
}

/**
 * Creates the steps with an upstream provider. Its issuer was chosen by the operator or an owner of an organization, all other
 * URLs by the provider itself: they must be public, or in the operator's networks. Only for an operator's issuer on loopback, as
 * in development, loopback is reached. Redirects are not followed.
 */
export function createExchanges({
  issuer,
  allowedNetworks,
  reachesOwnHost,
  timeoutMs,
}: ExchangeOptions): () => Exchange {
  const networks = reachesOwnHost && isLocal(issuer) ? [...allowedNetworks, ...LOOPBACK_NETWORKS] : allowedNetworks
  const fetchPublic = createPublicFetch({ allowedNetworks: networks, timeoutMs, maxBytes: MAX_BYTES })

  return () => {
    const signal = AbortSignal.timeout(timeoutMs)
    let unavailable: string | undefined
    return {
      async fetch(url, { method, headers, body }) {
        try {
          if (method !== 'GET' && method !== 'POST') throw new Error(`unexpected method ${method}`)
          const form = method === 'POST' ? new URLSearchParams(String(body ?? '')) : undefined
          const response = await fetchPublic(url, headers, form, signal)
          if (response.status >= 500) throw new Error(`answered with the status ${response.status}`)
          return response
        } catch (error) {
          // The message of our own fetch names no URL; the path names the endpoint.
          unavailable = `${new URL(url).pathname}: ${error instanceof Error ? error.message : 'failed'}`
          throw error
        }
      },
      failure(error) {
        if (error instanceof UpstreamError) return error
        if (unavailable !== undefined) return new UpstreamError('unavailable', unavailable)
        if (error instanceof client.AuthorizationResponseError) {
          const failure = FAILURES[error.error] ?? 'refused'
          return new UpstreamError(failure, `authorization response has the error ${shown(error.error)}`)
        }
        if (error instanceof client.ResponseBodyError) {
          return new UpstreamError('invalid', `token response has the error ${shown(error.error)}`)
        }
        // Only the code and the message: the cause of the library's errors contains the parameters and tokens.
        if (error instanceof client.ClientError) return new UpstreamError('invalid', `${error.code}: ${error.message}`)
        throw error
      },
    }
  }
}

/** Whether an issuer is on this machine, where http and loopback are allowed. */
export const isLocal = (issuer: string): boolean => isLoopback(new URL(issuer).hostname)

const FAILURES: Readonly<Record<string, 'cancelled' | 'unavailable'>> = {
  access_denied: 'cancelled',
  server_error: 'unavailable',
  temporarily_unavailable: 'unavailable',
}

/** An error code as RFC 6749 allows it. */
const shown = (code: string): string => (/^[a-z_]{1,40}$/.test(code) ? code : '(another)')
