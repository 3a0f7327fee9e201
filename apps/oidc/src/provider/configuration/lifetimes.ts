import type { ProviderConfig } from '../../config.ts'

/** Lifetimes in seconds, the unit of oidc-provider. */
export interface Lifetimes {
  readonly accessToken: number
  readonly code: number
  readonly deviceCode: number
  readonly interaction: number
  /** The remaining lifetime of a session begun at `begunAt` and used at `now`, in seconds since the epoch. */
  session(begunAt: number, now: number): number
  /** A browser session without an account: it stores the token of a form for as long as an interaction lasts. */
  readonly anonymousSession: number
  /** Longer than that of everything issued under the grant: the end of a grant ends its tokens. */
  readonly grant: number
  /** The lifetime of a session after its start, regardless of use. A grant of the session ends with it. */
  readonly sessionEnd: number
  /**
   * The lifetime of a refresh token issued at `now`. `firstIssuedAt`, in seconds, is the issue time of the first token
   * of its family: rotation does not extend the family (RFC 9700 §4.14, ASVS 10.4.8). At least one second, because the
   * library requires a positive number. A finished family never gets here, because its last token has expired.
   */
  refreshToken(firstIssuedAt: number, now: number, ofClient?: RefreshLifetimes): number
}

/** The lifetimes that a client asks for, in seconds. Those of the deployment are the most. */
export interface RefreshLifetimes {
  /** Of an unused token. */
  readonly ttl?: number | undefined
  /** Of its family. */
  readonly absoluteTtl?: number | undefined
}

type Durations = Pick<
  ProviderConfig,
  | 'ACCESS_TOKEN_TTL'
  | 'AUTHORIZATION_CODE_TTL'
  | 'DEVICE_CODE_TTL'
  | 'INTERACTION_TTL'
  | 'SESSION_TTL'
  | 'SESSION_ABSOLUTE_TTL'
  | 'REFRESH_TOKEN_TTL'
  | 'REFRESH_TOKEN_ABSOLUTE_TTL'
>

export function createLifetimes(config: Durations): Lifetimes {
  const code = seconds(config.AUTHORIZATION_CODE_TTL)
  const deviceCode = seconds(config.DEVICE_CODE_TTL)
  const rolling = seconds(config.REFRESH_TOKEN_TTL)
  const absolute = seconds(config.REFRESH_TOKEN_ABSOLUTE_TTL)
  const accessToken = seconds(config.ACCESS_TOKEN_TTL)
  const idle = seconds(config.SESSION_TTL)
  const sessionEnd = seconds(config.SESSION_ABSOLUTE_TTL)
  return {
    accessToken,
    code,
    deviceCode,
    interaction: seconds(config.INTERACTION_TTL),
    session: (begunAt, now) => Math.max(1, Math.min(idle, begunAt + sessionEnd - now)),
    anonymousSession: seconds(config.INTERACTION_TTL),
    grant: Math.max(code, deviceCode) + absolute + accessToken,
    sessionEnd,
    refreshToken(firstIssuedAt, now, { ttl = rolling, absoluteTtl = absolute } = {}) {
      const end = firstIssuedAt + Math.min(absolute, absoluteTtl)
      return Math.max(1, Math.min(rolling, ttl, end - now))
    },
  }
}

const seconds = (ms: number): number => Math.ceil(ms / 1000)
