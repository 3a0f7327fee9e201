import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TrustsPeer } from '../network/trusted-proxies.ts'

export interface RequestIds {
  /** Returns the id of this request. */
  of(request: IncomingMessage): string
  /** Returns a new id. */
  next(): string
}

/** The ids accepted from a trusted proxy: UUIDs, ULIDs and trace ids match, text that could forge a log line does not. */
const FOREIGN_ID = /^[\w.:+/=-]{1,128}$/

/**
 * Creates request ids: a prefix of 80 random bits per process and a counter. Random bits for each request would cost more
 * than the rest of the work for its id.
 *
 * `X-Request-Id` of a request is used only if the socket's peer is a trusted proxy.
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
