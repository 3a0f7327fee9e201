import type { Configuration, TokenEndpointResponse } from 'openid-client'
import { getSession, readConfig, type SessionCredential, updateConfig, withCredential } from './config-file.ts'
import { Failure } from './failure.ts'
import { runUninterrupted } from './run-uninterrupted.ts'
import type { Terminal } from './terminal.ts'

/** Access tokens are refreshed this long before expiry, for latency and clock skew. */
const MARGIN_MS = 60_000

/** Creates the stored session from a token response. */
export function createSession(
  { access_token, refresh_token, expires_in }: TokenEndpointResponse,
  about: Pick<SessionCredential, 'issuer' | 'clientId' | 'email'>,
  now: number,
): SessionCredential {
  if (refresh_token === undefined || expires_in === undefined) {
    throw new Failure('The server issued no refresh token. Check that it is a Daytona Auth server.')
  }
  const { issuer, clientId, email } = about
  const expiresAt = new Date(now + expires_in * 1000).toISOString()
  return { kind: 'session', issuer, clientId, email, accessToken: access_token, refreshToken: refresh_token, expiresAt }
}

/**
 * Returns an access token of the profile's session that is valid for at least a minute. A refresh token works once, and
 * its reuse revokes the session, so one process refreshes it while the others wait for the result.
 */
export async function getAccessToken(terminal: Terminal, profileName: string): Promise<string> {
  const session = getSession(await readConfig(terminal), profileName)
  if (session === undefined) throw sessionEndedFailure()
  if (isFresh(session, terminal.now())) return session.accessToken
  const { discoverProvider } = await import('./provider.ts')
  const provider = await discoverProvider(session)
  // Until the file is written, the only valid refresh token is in memory.
  const accessToken = await runUninterrupted(() => renewSession(terminal, profileName, provider))
  if (accessToken === undefined) throw sessionEndedFailure()
  return accessToken
}

/** Returns the stored access token. @throws Failure if it must be refreshed first */
export async function readFreshAccessToken(terminal: Terminal, profileName: string): Promise<string> {
  const session = getSession(await readConfig(terminal), profileName)
  if (session === undefined || !isFresh(session, terminal.now())) throw sessionEndedFailure()
  return session.accessToken
}

/** Revokes the session's tokens at the server (RFC 7009). */
export async function revokeSession({ issuer, clientId, refreshToken }: SessionCredential): Promise<void> {
  const [{ tokenRevocation }, { discoverProvider }] = await Promise.all([
    import('openid-client'),
    import('./provider.ts'),
  ])
  await tokenRevocation(await discoverProvider({ issuer, clientId }), refreshToken, {
    token_type_hint: 'refresh_token',
  })
}

export const sessionEndedFailure = (): Failure =>
  new Failure('Your session has ended.', { hint: 'Log in again: daytona login' })

const isFresh = ({ expiresAt }: SessionCredential, now: number): boolean => Date.parse(expiresAt) - now > MARGIN_MS

/** Refreshes the session unless another process did. Returns its access token; undefined if the session has ended. */
async function renewSession(
  terminal: Terminal,
  profileName: string,
  provider: Configuration,
): Promise<string | undefined> {
  let accessToken: string | undefined
  await updateConfig(terminal, async (config) => {
    const kept = getSession(config, profileName)
    if (kept === undefined) return undefined
    if (isFresh(kept, terminal.now())) {
      accessToken = kept.accessToken
      return undefined
    }
    const session = await refreshSession(provider, kept, terminal.now)
    // A process that lost the lock while it was suspended may still have refreshed the session.
    const others = session ? undefined : getSession(await readConfig(terminal), profileName)
    const isTheirs = others !== undefined && others.refreshToken !== kept.refreshToken
    accessToken = isTheirs ? others.accessToken : session?.accessToken
    return isTheirs ? undefined : withCredential(config, profileName, session)
  })
  return accessToken
}

/** Requests new tokens; undefined if the session has ended. Other errors are thrown, and the stored session stays. */
async function refreshSession(provider: Configuration, session: SessionCredential, now: () => number) {
  const { refreshTokenGrant, ResponseBodyError } = await import('openid-client')
  try {
    return createSession(await refreshTokenGrant(provider, session.refreshToken), session, now())
  } catch (error) {
    if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return undefined
    throw error
  }
}
