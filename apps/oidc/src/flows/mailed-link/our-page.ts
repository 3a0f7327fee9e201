import { Refusal } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import { isFromOurPages } from '../interaction/csrf.ts'
import { FORGED } from '../interaction/page-errors.ts'

/**
 * For forms that have their own proof in them, a mailed token; no cookie decides, and there is nothing to be gained from
 * a forged one. Under `no-referrer` a browser says `Origin: null` with our own form; `Sec-Fetch-Site` tells it from a
 * stranger's.
 * @throws Refusal 403
 */
export function requireOurPage({ headers }: FastifyRequest, issuer: string): void {
  const { origin, ...others } = headers
  if (!isFromOurPages(origin === undefined || origin === 'null' ? others : headers, issuer)) {
    throw new Refusal(403, FORGED, { code: 'cross_site_request', cause: 'foreign origin' })
  }
}
