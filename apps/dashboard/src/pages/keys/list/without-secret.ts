import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { findKeyFault, maskKey } from '@daytona-auth/sdk'

const PART = new RegExp(`${KEY_PREFIX}([0-9A-Za-z]{8,})`, 'g')

/**
 * Replaces a whole API key by its mask before it gets into the URL or a request. A pasted key that is incomplete keeps
 * only its last characters.
 */
export function withoutSecret(text: string): string {
  const pasted = text.trim()
  if (findKeyFault(pasted) === undefined) return maskKey(pasted)
  return text.replaceAll(PART, (_, secret: string) => secret.slice(-4))
}
