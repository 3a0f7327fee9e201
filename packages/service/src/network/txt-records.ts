import { Resolver } from 'node:dns/promises'

/** Looks up the TXT records of a name. @throws Error if no server gave an answer */
export type LookUpTxt = (name: string) => Promise<readonly string[]>

export interface TxtLookUpOptions {
  /** Addresses of DNS servers, with or without a port. Empty: those of the system. */
  readonly servers: readonly string[]
  /** For one attempt with one server. */
  readonly timeoutMs: number
}

/**
 * Creates the look-up of TXT records. A name without one, or that does not exist, has none; everything else that is not an
 * answer is an error, so that an outage is not taken for a removed record.
 */
export function createTxtLookUp({ servers, timeoutMs }: TxtLookUpOptions): LookUpTxt {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
  if (servers.length > 0) resolver.setServers([...servers])
  return async (name) => {
    try {
      const records = await resolver.resolveTxt(name)
      return records.map((chunks) => chunks.join('')) // a long value comes in several strings (RFC 7208 §3.3)
    } catch (error) {
      if (hasCode(error) && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')) return []
      throw error
    }
  }
}

const hasCode = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && 'code' in error
