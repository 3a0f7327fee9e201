import type { IncomingHttpHeaders } from 'node:http'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Decodes UTF-8, without a byte order mark at its start. Undefined for bytes that are not UTF-8: `toString` makes U+FFFD
 * of them, by which two different names become one.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Whether the body is sent as UTF-8 by its `Content-Type`. RFC 8259 §11 defines no charset for JSON, and clients send one
 * nevertheless. US-ASCII is a part of UTF-8.
 */
export function isUtf8(headers: IncomingHttpHeaders): boolean {
  const [, charset] = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '') ?? []
  return charset === undefined || /^(?:utf-?8|us-ascii)$/i.test(charset)
}
