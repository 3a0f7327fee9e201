import * as oauth from 'openid-client'
import { escapeUnprintable } from '../escape.ts'
import { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { withProgress } from '../progress.ts'
import { type CliClient, discoverProvider } from '../provider.ts'
import { isProtected } from '../server-url.ts'
import type { Terminal } from '../terminal.ts'
import { SCOPE, type SignInOptions, signInFailure, timeoutFailure, WAITING } from './code.ts'

/** Signs in by the device flow (RFC 8628): the user opens a page on another device and enters or compares the code. */
export async function signInOnDevice(
  terminal: Terminal,
  output: Output,
  client: CliClient,
  { timeoutMs }: Pick<SignInOptions, 'timeoutMs'>,
): Promise<oauth.TokenEndpointResponse> {
  const provider = await discoverProvider(client)
  if (!provider.serverMetadata().device_authorization_endpoint) {
    throw new Failure('This server does not support sign-in on another device.', {
      hint: 'Use daytona login or --api-key.',
    })
  }
  const started = await oauth.initiateDeviceAuthorization(provider, { scope: SCOPE })
  const page = requireProtectedPage(started.verification_uri)
  const code = escapeUnprintable(started.user_code)
  output.warn(`On any device, open\n\n  ${page}\n\nand enter the code\n\n  ${code}\n`)
  if (started.verification_uri_complete) {
    output.warn(`Or open\n\n  ${requireProtectedPage(started.verification_uri_complete)}\n\nand compare the code.\n`)
  }
  const signal = AbortSignal.timeout(Math.min(timeoutMs, started.expires_in * 1000))
  try {
    const tokens = oauth.pollDeviceAuthorizationGrant(provider, started, undefined, { signal })
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
