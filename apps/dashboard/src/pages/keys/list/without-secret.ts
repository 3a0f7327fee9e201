import { findKeyFault, maskKey } from '@daytona-auth/sdk'

/**
 * Replaces a whole API key by its mask before it gets into the URL or a request. A pasted key that is incomplete keeps
 * only its last characters.
 */
export function withoutSecret(text: string): string {
  const pasted = text.trim()
  if (findKeyFault(pasted) === undefined) return maskKey(pasted)
  return text.replaceAll(/dta_([0-9A-Za-z]{8,})/g, (_, secret: string) => secret.slice(-4))
}
