/**
 * The bearer credential in an `Authorization` header (RFC 6750 section 2.1; the scheme in any case). `undefined`: none
 * was given. A header that came twice is joined by a comma, which no credential has in it: it is malformed, as it must
 * be, since whoever stands before us may have looked at the other one.
 */
export function bearerOf(header: string | null | undefined): string | undefined {
  if (header == null) return undefined
  const [, credential] = /^bearer +(.*)$/i.exec(header) ?? []
  return credential || undefined
}

/** Whether it is meant as a token: three parts between dots. It decides which of the two 401 bodies is sent. */
export const looksLikeToken = (credential: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)
