import { Denial, type SendDenial } from '@daytona-auth/service'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'

/**
 * Accepts requests under the issuer's host only (421 otherwise, RFC 9110 §15.5.20). It rewrites their forwarded headers
 * to the issuer. oidc-provider builds URLs from the Host header, so `Host: attacker` would otherwise get into the
 * discovery document and from there into caches. A trusted proxy's `X-Forwarded-*` counts; all others are overwritten.
 */
export function pinHost(issuer: string, send: SendDenial): onRequestHookHandler {
  const { host, protocol, origin } = new URL(issuer)
  const misdirected = new Denial(421, `This host is not served here: use ${origin}`, {
    cause: 'Host is not that of the issuer',
  })
  return (request, reply, done) => {
    if (hostOf(request, protocol) !== host) {
      request.log.info({ statusCode: 421, why: misdirected.cause }, 'request refused')
      send(request, reply, misdirected)
      return
    }
    const { headers } = request.raw
    headers['x-forwarded-for'] = request.ip
    headers['x-forwarded-host'] = host
    headers['x-forwarded-proto'] = protocol.slice(0, -1)
    delete headers['forwarded']
    headers.host = host
    done()
  }
}

/**
 * Keeps interaction ids out of the log, which records the original URL. The id in the path is half of what opens an
 * interaction; the other half is a cookie with the same value.
 */
export const hideInteractionIds: onRequestHookHandler = (request, _reply, done) => {
  const { url } = request.routeOptions
  if (url?.includes(':')) Object.assign(request.raw, { originalUrl: url })
  done()
}

/** Returns the requested host without the protocol's default port. */
function hostOf(request: FastifyRequest, protocol: string): string | undefined {
  return URL.parse(`${protocol}//${request.host}`)?.host
}
