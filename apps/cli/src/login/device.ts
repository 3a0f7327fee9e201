import * as oauth from 'openid-client'
import { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { printable } from '../printable.ts'
import { withProgress } from '../progress.ts'
import { type CliClient, discover } from '../provider.ts'
import { isProtected } from '../server-url.ts'
import type { Terminal } from '../terminal.ts'
import { refusedSignIn, SCOPE, type SignInOptions, tooLate, WAITING } from './code.ts'

/** The device flow (RFC 8628): the person signs in on another machine and types, or compares, the code shown here. */
export async function signInOnAnotherDevice(
  terminal: Terminal,
  output: Output,
  client: CliClient,
  { timeoutMs }: Pick<SignInOptions, 'timeoutMs'>,
): Promise<oauth.TokenEndpointResponse> {
  const provider = await discover(client)
  if (!provider.serverMetadata().device_authorization_endpoint) {
    throw new Failure('This server has no sign-in on another device.', { hint: 'Use daytona login or --api-key.' })
  }
  const started = await oauth.initiateDeviceAuthorization(provider, { scope: SCOPE })
  const page = protectedPage(started.verification_uri)
  const code = printable(started.user_code)
  output.warn(`On any device, open\n\n  ${page}\n\nand enter the code\n\n  ${code}\n`)
  if (started.verification_uri_complete) {
    output.warn(`Or open\n\n  ${protectedPage(started.verification_uri_complete)}\n\nand compare the code.\n`)
  }
  const signal = AbortSignal.timeout(Math.min(timeoutMs, started.expires_in * 1000))
  try {
    const tokens = oauth.pollDeviceAuthorizationGrant(provider, started, undefined, { signal })
    return await withProgress(terminal, WAITING, tokens)
  } catch (error) {
    if (signal.aborted) throw tooLate(timeoutMs)
    if (error instanceof oauth.ResponseBodyError) {
      if (error.error === 'expired_token') throw tooLate(started.expires_in * 1000)
      throw refusedSignIn(error.error, error.error_description)
    }
    throw error
  }
}

/** A page where somebody will sign in. */
function protectedPage(address: string): string {
  const page = URL.canParse(address) ? new URL(address) : undefined
  if (page === undefined || !isProtected(page)) throw new Failure('The server names a page that is not on https.')
  return page.href
}
