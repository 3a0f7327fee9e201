import * as oauth from 'openid-client'
import { Failure } from './failure.ts'
import { isLoopbackHttp, isProtected } from './server-url.ts'

/** Timeout of one request. */
const TIMEOUT_SECONDS = 20

/** The OAuth client of this program, as `GET /config` names it. */
export interface CliClient {
  readonly issuer: string
  readonly clientId: string
}

/** Reads the provider's metadata (RFC 8414) and configures this program as its public client. */
export async function discoverProvider({ issuer, clientId }: CliClient): Promise<oauth.Configuration> {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url === undefined || !isProtected(url)) {
    throw new Failure(`The server’s issuer does not use https: ${issuer}`)
  }
  return oauth.discovery(url, clientId, undefined, oauth.None(), {
    timeout: TIMEOUT_SECONDS,
    // Plain http on loopback only.
    execute: isLoopbackHttp(url) ? [oauth.allowInsecureRequests] : [],
  })
}
