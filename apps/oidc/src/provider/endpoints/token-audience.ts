import { decodeJwt } from 'jose'

/** Returns the `aud` of a token without verification; `undefined` for anything else. It only selects how to verify. */
export function audienceOf(token: string): string | undefined {
  try {
    const { aud } = decodeJwt(token)
    return typeof aud === 'string' ? aud : undefined
  } catch {
    return undefined
  }
}
