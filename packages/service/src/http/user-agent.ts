import type { IncomingHttpHeaders } from 'node:http'

/** No real user agent is longer. */
const MAX_CHARS = 512

/** Returns the user agent of a request for the audit trail, truncated; null if it is missing or empty. */
export const userAgentOf = ({ 'user-agent': userAgent }: IncomingHttpHeaders): string | null =>
  userAgent?.slice(0, MAX_CHARS) || null
