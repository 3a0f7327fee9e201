import * as oauth from 'openid-client'
import { escapeUnprintable } from '../escape.ts'
import { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { withProgress } from '../progress.ts'
import { type CliClient, discoverProvider } from '../provider.ts'
import { isProtected } from '../server-url.ts'
import type { Terminal } from '../terminal.ts'
import {
  openOnEnter,
  SCOPE,
  type SignInOptions,
  signInFailure,
  stepUpParameters,
  timeoutFailure,
  WAITING,
} from './code.ts'

/** Signs in by the device flow (RFC 8628): the user opens a page on another device and enters or compares the code. */
export async function signInOnDevice(
  terminal: Terminal,
  output: Output,
  client: CliClient,
  options: SignInOptions,
): Promise<oauth.TokenEndpointResponse> {
  const { timeoutMs, opensBrowser } = options
  const provider = await discoverProvider(client)
  if (!provider.serverMetadata().device_authorization_endpoint) {
    throw new Failure('This server does not support sign-in on another device.', {
      hint: 'Use daytona login --no-browser, or --api-key.',
    })
  }
  const started = await oauth.initiateDeviceAuthorization(provider, { scope: SCOPE, ...stepUpParameters(options) })
  const page = requireProtectedPage(started.verification_uri)
  const code = escapeUnprintable(started.user_code)
  const complete = started.verification_uri_complete && requireProtectedPage(started.verification_uri_complete)
  output.warn(`Your one-time code: ${code}\n`)
  output.warn(
    opensBrowser
      ? `Press Enter to open ${page} in your browser, or open it on any device and enter the code.\n`
      : `Open this page on any device and enter the code:\n\n  ${page}\n`,
  )
  if (complete) output.warn(`Or open this page, and compare the code:\n\n  ${complete}\n`)
  const signal = AbortSignal.timeout(Math.min(timeoutMs, started.expires_in * 1000))
  try {
    const tokens = oauth.pollDeviceAuthorizationGrant(provider, started, undefined, { signal })
    if (opensBrowser) await openOnEnter(terminal, new URL(complete || page), tokens)
    return await withProgress(terminal, WAITING, tokens)
  } catch (error) {
    if (signal.aborted) throw timeoutFailure(timeoutMs)
    if (error instanceof oauth.ResponseBodyError) {
      if (error.error === 'expired_token') throw timeoutFailure(started.expires_in * 1000)
      throw signInFailure(error.error, error.error_description)
    }
    throw error
  }
}

/** Returns the URL of a sign-in page. @throws Failure unless it uses https, or http on loopback */
function requireProtectedPage(address: string): string {
  const page = URL.canParse(address) ? new URL(address) : undefined
  if (page === undefined || !isProtected(page)) throw new Failure('The server’s sign-in page does not use https.')
  return page.href
}
