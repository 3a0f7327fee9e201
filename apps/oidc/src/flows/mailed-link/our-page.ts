import { Denial } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import { isFromOurPages } from '../interaction/csrf.ts'
import { FORGED } from '../interaction/page-errors.ts'

/**
 * Requires that one of our pages sent the form. Such a form contains its own proof, a mailed token. No cookie decides,
 * so a forged form gains nothing. Under `no-referrer` a browser sends `Origin: null` with our own form;
 * `Sec-Fetch-Site` distinguishes it from another site's.
 * @throws Denial 403
 */
export function requireOurPage({ headers }: FastifyRequest, issuer: string): void {
  const { origin, ...others } = headers
  if (!isFromOurPages(origin === undefined || origin === 'null' ? others : headers, issuer)) {
    throw new Denial(403, FORGED, { code: 'cross_site_request', cause: 'foreign origin' })
  }
}
