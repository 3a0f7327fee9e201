import * as oauth from 'openid-client'
import { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { withProgress } from '../progress.ts'
import { type CliClient, discover } from '../provider.ts'
import type { Terminal } from '../terminal.ts'
import { openBrowser } from './browser.ts'
import { listenOnLoopback } from './loopback.ts'

/** Identity, and a refresh token. The command acts with all that its user may do, so it asks for no permission. */
export const SCOPE = 'openid profile email offline_access'

/** What a person sees meanwhile. */
export const WAITING = 'Waiting for you to sign in there'

export interface SignInOptions {
  readonly timeoutMs: number
  readonly opensBrowser: boolean
}

type Tokens = oauth.TokenEndpointResponse & oauth.TokenEndpointResponseHelpers

/**
 * The authorization code flow with PKCE in the person's own browser (RFC 8252). The answer has to carry our state and
 * the provider's issuer (RFC 9207), and the id token our nonce.
 */
export async function signInWithBrowser(
  terminal: Terminal,
  output: Output,
  client: CliClient,
  { timeoutMs, opensBrowser }: SignInOptions,
): Promise<Tokens> {
  const provider = await discover(client)
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
    })
    const how = opensBrowser ? 'Your browser opens. If it does not, open' : 'Open'
    output.warn(`${how} this address on this machine:\n\n  ${url.href}\n\nOr use another one: daytona login --device\n`)
    if (opensBrowser) await openBrowser(terminal, url)
    const answer = await withProgress(terminal, WAITING, within(timeoutMs, loopback.answer))
    try {
      const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
      const tokens = await oauth.authorizationCodeGrant(provider, answer.url, checks)
      answer.tell('done')
      return tokens
    } catch (error) {
      const isRefusal = error instanceof oauth.AuthorizationResponseError
      answer.tell(isRefusal ? 'refused' : 'failed')
      if (isRefusal) throw refusedSignIn(error.error, error.error_description)
      throw error
    }
  } finally {
    loopback.close()
  }
}

/** What the provider said instead of a code. */
export const refusedSignIn = (error: string, description?: string): Failure =>
  error === 'access_denied'
    ? new Failure('The sign-in was refused in the browser.')
    : new Failure(`The server refused the sign-in: ${description ?? error}`)

export const tooLate = (timeoutMs: number): Failure =>
  new Failure(`Nobody signed in within ${Math.round(timeoutMs / 1000)} seconds.`, {
    hint: 'Try again; --timeout 15m waits longer, --device works without a browser on this machine.',
  })

/** The timer is gone with the answer: it would keep the process. */
async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooLate(timeoutMs)), timeoutMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
