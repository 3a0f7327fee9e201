import type { Configuration, TokenEndpointResponse } from 'openid-client'
import { readConfig, type SessionCredential, sessionIn, updateConfig, withCredential } from './config-file.ts'
import { Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'
import { uninterrupted } from './uninterrupted.ts'

/** An access token is renewed this long before its end, for a request to arrive in time and clocks to differ. */
const MARGIN_MS = 60_000

/** What the token endpoint answered, as it is kept. */
export function sessionOf(
  { access_token, refresh_token, expires_in }: TokenEndpointResponse,
  about: Pick<SessionCredential, 'issuer' | 'clientId' | 'email'>,
  now: number,
): SessionCredential {
  if (refresh_token === undefined || expires_in === undefined) {
    throw new Failure('The server gave a token that cannot be renewed. Is it another kind of server?')
  }
  const { issuer, clientId, email } = about
  const expiresAt = new Date(now + expires_in * 1000).toISOString()
  return { kind: 'session', issuer, clientId, email, accessToken: access_token, refreshToken: refresh_token, expiresAt }
}

/**
 * An access token of the profile's session that is good for a minute at least. A refresh token works once, and the
 * provider ends a session whose refresh token comes twice; so one process renews it, and the others wait for what it got.
 */
export async function accessTokenOf(terminal: Terminal, profileName: string): Promise<string> {
  const session = sessionIn(await readConfig(terminal), profileName)
  if (session === undefined) throw sessionEnded()
  if (isFresh(session, terminal.now())) return session.accessToken
  const { discover } = await import('./provider.ts')
  const provider = await discover(session)
  // Between the provider's answer and the file, the only refresh token that works is in our memory.
  const accessToken = await uninterrupted(() => renewed(terminal, profileName, provider))
  if (accessToken === undefined) throw sessionEnded()
  return accessToken
}

/** Ends the session at the server: both of its tokens are refused from then on (RFC 7009). */
export async function revoke({ issuer, clientId, refreshToken }: SessionCredential): Promise<void> {
  const [{ tokenRevocation }, { discover }] = await Promise.all([import('openid-client'), import('./provider.ts')])
  await tokenRevocation(await discover({ issuer, clientId }), refreshToken, { token_type_hint: 'refresh_token' })
}

export const sessionEnded = (): Failure =>
  new Failure('Your session has ended.', { hint: 'Log in again: daytona login' })

const isFresh = ({ expiresAt }: SessionCredential, now: number): boolean => Date.parse(expiresAt) - now > MARGIN_MS

/** The access token of the session, renewed unless another process has done that; undefined if it has ended. */
async function renewed(terminal: Terminal, profileName: string, provider: Configuration): Promise<string | undefined> {
  let accessToken: string | undefined
  await updateConfig(terminal, async (config) => {
    const kept = sessionIn(config, profileName)
    if (kept === undefined) return undefined
    if (isFresh(kept, terminal.now())) {
      accessToken = kept.accessToken
      return undefined
    }
    const session = await refresh(provider, kept, terminal.now)
    // A holder of the lock that was suspended for long may have been taken for dead, and have renewed it after all.
    const others = session ? undefined : sessionIn(await readConfig(terminal), profileName)
    const isTheirs = others !== undefined && others.refreshToken !== kept.refreshToken
    accessToken = isTheirs ? others.accessToken : session?.accessToken
    return isTheirs ? undefined : withCredential(config, profileName, session)
  })
  return accessToken
}

/** Undefined if the provider says that the session is no more; whatever else went wrong is thrown, and nothing is lost. */
async function refresh(provider: Configuration, session: SessionCredential, now: () => number) {
  const { refreshTokenGrant, ResponseBodyError } = await import('openid-client')
  try {
    return sessionOf(await refreshTokenGrant(provider, session.refreshToken), session, now())
  } catch (error) {
    if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return undefined
    throw error
  }
}
