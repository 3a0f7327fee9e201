import type { ClientSecretUse } from '@daytona-auth/db/clients'

/** Collects the last use of each client secret in memory, so that no request waits for a write. */
export interface SecretUses {
  /** Notes a use. Only secrets that authenticated their client are noted, so that the number of entries is limited. */
  note(secretId: string): void
  /** Writes the uses. Those of a failed write are kept for the next flush. */
  flush(): Promise<void>
}

export function createSecretUses({
  write,
  now,
}: {
  readonly write: (uses: readonly ClientSecretUse[]) => Promise<void>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}): SecretUses {
  let uses = new Map<string, number>()
  return {
    note(secretId) {
      uses.set(secretId, now())
    },
    async flush() {
      if (uses.size === 0) return
      const batch = uses
      uses = new Map()
      try {
        await write([...batch].map(([id, usedAt]) => ({ id, usedAt: new Date(usedAt) })))
      } catch (error) {
        uses = new Map([...batch, ...uses])
        throw error
      }
    },
  }
}
