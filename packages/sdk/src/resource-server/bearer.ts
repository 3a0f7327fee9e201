/**
 * Reads the bearer credential of an `Authorization` header (RFC 6750 section 2.1; the scheme is case-insensitive).
 * `undefined` if there is none. Repeated headers are joined by a comma, which makes the credential malformed: a proxy may
 * have checked another one of them.
 */
export function readBearer(header: string | null | undefined): string | undefined {
  if (header == null) return undefined
  const [, credential] = /^bearer +(.*)$/i.exec(header) ?? []
  return credential || undefined
}

/** Reads the token of an `Authorization` header that is sent with a proof of its key (RFC 9449 section 7.1). */
export function readBoundToken(header: string | null | undefined): string | undefined {
  if (header == null) return undefined
  const [, token] = /^dpop +(.*)$/i.exec(header) ?? []
  return token || undefined
}

/** Returns whether a credential has the form of a token, three parts with dots. Selects the body of a 401. */
export const looksLikeToken = (credential: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)
