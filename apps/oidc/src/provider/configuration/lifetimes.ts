import type { ProviderConfig } from '../../config.ts'

/** How long each thing lives, in seconds, as oidc-provider counts. */
export interface Lifetimes {
  readonly accessToken: number
  readonly code: number
  readonly deviceCode: number
  readonly interaction: number
  /** What a session begun at `begunAt` has left when it is used at `now`, both in seconds since the epoch. */
  session(begunAt: number, now: number): number
  /** A browser session in which nobody is signed in: it holds the token of a form, for as long as an interaction. */
  readonly anonymousSession: number
  /** Outlives everything that is issued under it: a grant that ended first would end its tokens. */
  readonly grant: number
  /**
   * What a refresh token issued at `now` has left. `firstIssuedAt`, in seconds, is when the first of its line was
   * issued: rotation does not move the end of the line (RFC 9700 §4.14, ASVS 10.4.8). At least a second, since the
   * library wants a positive number; a line that is over ends before that is asked, at the expiry of its last token.
   */
  refreshToken(firstIssuedAt: number, now: number): number
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

export function lifetimes(config: Durations): Lifetimes {
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
    refreshToken: (firstIssuedAt, now) => Math.max(1, Math.min(rolling, firstIssuedAt + absolute - now)),
  }
}

const seconds = (ms: number): number => Math.ceil(ms / 1000)
