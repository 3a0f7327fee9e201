import type { FastifyRequest } from 'fastify'
import { isFromOurPages } from '../interaction/csrf.ts'
import { forged } from '../interaction/page-errors.ts'

/**
 * Requires that one of our pages sent the form. Such a form contains its own proof, a mailed token. No cookie decides,
 * so a forged form gains nothing. Under `no-referrer` a browser sends `Origin: null` with our own form;
 * `Sec-Fetch-Site` distinguishes it from another site's.
 * @throws Denial 403
 */
export function requireOurPage({ headers }: FastifyRequest, issuer: string): void {
  const { origin, ...others } = headers
  if (!isFromOurPages(origin === undefined || origin === 'null' ? others : headers, issuer)) {
    throw forged('foreign origin')
  }
}
