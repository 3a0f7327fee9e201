import type { IncomingHttpHeaders } from 'node:http'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Decodes UTF-8 and removes a leading byte order mark. Returns undefined for bytes that are not UTF-8: `toString` replaces
 * them with U+FFFD, which makes two different names equal.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Whether `Content-Type` declares the body as UTF-8. RFC 8259 §11 defines no charset for JSON, but clients send one.
 * US-ASCII is a subset of UTF-8.
 */
export function isUtf8(headers: IncomingHttpHeaders): boolean {
  const [, charset] = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '') ?? []
  return charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset)
}
