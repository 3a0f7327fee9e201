import { Refusal, type SendRefusal } from '@daytona-auth/service'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'

/**
 * Answers only under the issuer's host (421 otherwise, RFC 9110 §15.5.20), and hands every request on as one to the issuer. oidc-provider builds URLs from
 * the Host header, so that `Host: attacker` would otherwise go into the discovery document and out of a cache. What a
 * proxy says counts if the server trusts that peer; what anybody else says in `X-Forwarded-*` is overwritten here.
 */
export function pinHost(issuer: string, send: SendRefusal): onRequestHookHandler {
  const { host, protocol, origin } = new URL(issuer)
  const misdirected = new Refusal(421, `This host is not served here: use ${origin}`, {
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
 * Keeps ids of interactions out of the log, which names a request by its original URL: half of what opens an interaction
 * stands in its path, and the same value in a cookie.
 */
export const hideInteractionIds: onRequestHookHandler = (request, _reply, done) => {
  const { url } = request.routeOptions
  if (url?.includes(':')) Object.assign(request.raw, { originalUrl: url })
  done()
}

/** As the client wrote it, without the port that goes without saying. */
function hostOf(request: FastifyRequest, protocol: string): string | undefined {
  return URL.parse(`${protocol}//${request.host}`)?.host
}
