import * as oauth from 'openid-client'
import { Failure } from './failure.ts'
import { isLoopbackHttp, isProtected } from './server-url.ts'

/** Seconds that one request may take. */
const TIMEOUT_SECONDS = 20

/** What `GET /config` says of us. */
export interface CliClient {
  readonly issuer: string
  readonly clientId: string
}

/** The provider as it describes itself (RFC 8414), and us as a public client of it. */
export async function discover({ issuer, clientId }: CliClient): Promise<oauth.Configuration> {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url === undefined || !isProtected(url)) {
    throw new Failure(`The server names an issuer that is not on https: ${issuer}`)
  }
  return oauth.discovery(url, clientId, undefined, oauth.None(), {
    timeout: TIMEOUT_SECONDS,
    // Loopback only, as above: what leaves this machine is encrypted.
    execute: isLoopbackHttp(url) ? [oauth.allowInsecureRequests] : [],
  })
}
