import { ACR } from '@daytona-auth/protocol/authentication-context'
import * as oauth from 'openid-client'
import pTimeout from 'p-timeout'
import { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { withProgress } from '../progress.ts'
import { type CliClient, discoverProvider } from '../provider.ts'
import type { Terminal } from '../terminal.ts'
import { openBrowser, waitForEnter } from './browser.ts'
import { listenOnLoopback } from './loopback.ts'

/** Identity and a refresh token. As a first-party app, the CLI has the user's permissions without requesting them. */
export const SCOPE = 'openid profile email offline_access'

/** Text of the spinner. */
export const WAITING = 'Waiting for you to sign in'

export interface SignInOptions {
  readonly timeoutMs: number
  readonly opensBrowser: boolean
  /** Whether the user signs in again, with a second factor, although the browser is signed in. */
  readonly isStepUp: boolean
}

/** Parameters of a request for a new sign-in with a second factor (RFC 9470 section 4). An account without one has none. */
export const stepUpParameters = ({ isStepUp }: Pick<SignInOptions, 'isStepUp'>): Record<string, string> =>
  isStepUp ? { acr_values: ACR.multiFactor, max_age: '0' } : {}

type Tokens = oauth.TokenEndpointResponse & oauth.TokenEndpointResponseHelpers

/**
 * Signs in by the authorization code flow with PKCE in the user's browser (RFC 8252). Checks `state`, the issuer of the
 * response (RFC 9207) and the nonce of the id token.
 */
export async function signInWithBrowser(
  terminal: Terminal,
  output: Output,
  client: CliClient,
  options: SignInOptions,
): Promise<Tokens> {
  const { timeoutMs, opensBrowser } = options
  const provider = await discoverProvider(client)
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier()
  const expectedState = oauth.randomState()
  const expectedNonce = oauth.randomNonce()
  const loopback = await listenOnLoopback(expectedState)
  try {
    const url = oauth.buildAuthorizationUrl(provider, {
      redirect_uri: loopback.redirectUri,
      scope: SCOPE,
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...stepUpParameters(options),
    })
    const how = opensBrowser ? `Press Enter to open ${url.host} in your browser, or open` : 'Open'
    output.warn(
      `${how} this URL on this machine:\n\n  ${url.href}\n\nTo sign in on another device: daytona login --device\n`,
    )
    const redirected = pTimeout(loopback.answer, { milliseconds: timeoutMs, message: timeoutFailure(timeoutMs) })
    if (opensBrowser) await openOnEnter(terminal, url, redirected)
    const answer = await withProgress(terminal, WAITING, redirected)
    try {
      const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
      const tokens = await oauth.authorizationCodeGrant(provider, answer.url, checks)
      answer.respond('done')
      return tokens
    } catch (error) {
      const isDenial = error instanceof oauth.AuthorizationResponseError
      answer.respond(isDenial ? 'refused' : 'failed')
      if (isDenial) throw signInFailure(error.error, error.error_description)
      throw error
    }
  } finally {
    loopback.close()
  }
}

/** Opens the browser when the user presses Enter, unless `settled` comes first: the user may have opened the URL. */
export async function openOnEnter(terminal: Terminal, url: URL, settled: Promise<unknown>): Promise<void> {
  const abort = new AbortController()
  let isSettled = false
  const finished = settled.finally(() => {
    isSettled = true
    abort.abort()
  })
  finished.catch(() => undefined) // the caller that awaits `settled` handles its error
  await waitForEnter(terminal, abort.signal)
  if (!isSettled) await openBrowser(terminal, url)
}

/** Creates the failure for an error response of the provider. */
export const signInFailure = (error: string, description?: string): Failure =>
  error === 'access_denied'
    ? new Failure('The sign-in was denied in the browser.')
    : new Failure(`The server refused the sign-in: ${description ?? error}`)

export const timeoutFailure = (timeoutMs: number): Failure =>
  new Failure(`The sign-in timed out after ${Math.round(timeoutMs / 1000)} seconds.`, {
    hint: 'Try again; --timeout 15m waits longer, --device works without a browser on this machine.',
  })
