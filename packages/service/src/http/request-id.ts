import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TrustsPeer } from '../network/trusted-proxies.ts'

export interface RequestIds {
  /** The id of this request. */
  of(request: IncomingMessage): string
  /** An id of our own. */
  next(): string
}

/** What we accept from a trusted proxy: enough for UUIDs, ULIDs and trace ids, nothing that could forge a log line. */
const FOREIGN_ID = /^[\w.:+/=-]{1,128}$/

/**
 * Makes the ids of requests. They are unique among all processes (80 random bits for each) and count within one,
 * because 80 fresh random bits for each request would cost more than everything else that we do for its id.
 *
 * `X-Request-Id` of the request counts only if the socket's peer is a trusted proxy.
 */
export function requestIds(trusts: TrustsPeer): RequestIds {
  const prefix = `req_${BigInt(`0x${randomBytes(10).toString('hex')}`).toString(36)}`
  let count = 0
  const next = () => {
    count += 1
    return `${prefix}_${count.toString(36)}`
  }
  return {
    next,
    of(request) {
      const given = request.headers['x-request-id']
      const isTrusted = typeof given === 'string' && trusts(request.socket.remoteAddress) && FOREIGN_ID.test(given)
      return isTrusted ? given : next()
    },
  }
}
