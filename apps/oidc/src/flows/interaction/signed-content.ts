import type { z } from 'zod'
import { createKeyRing } from '../../provider/keys/key-ring.ts'

/** Content that only this deployment can issue, for cookies and forms. Its browser can read it. */
export interface SignedContent<T> {
  issue(content: T): string
  /** Returns the content; undefined unless this deployment issued it for this purpose. */
  open(signed: string): T | undefined
}

/** Longer content is not verified: no cookie is that long. */
const MAX_CHARS = 4096

/** Creates the signing of content for one purpose. `keys` are the cookie keys: the first signs, all verify. */
export function createSignedContent<Schema extends z.ZodType>(
  keys: readonly string[],
  purpose: string,
  schema: Schema,
): SignedContent<z.output<Schema>> {
  const ring = createKeyRing(keys, purpose)
  return {
    issue(content) {
      const text = Buffer.from(JSON.stringify(content)).toString('base64url')
      return `${text}.${ring.sign(text).toString('base64url')}`
    },
    open(signed) {
      if (signed.length > MAX_CHARS) return undefined
      const [text = '', signature = '', ...more] = signed.split('.')
      if (more.length > 0 || !ring.verify(text, Buffer.from(signature, 'base64url'))) return undefined
      return schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    },
  }
}
