import postgres from 'postgres'

/** How long statements on replaced connections may still take, in seconds. */
const DRAIN_SECONDS = 5

export interface RenewableClient {
  /** A client that uses the newest pool. */
  readonly client: postgres.Sql
  /** Replaces the pool. Statements and transactions under way end on the old connections; later ones use new ones. */
  renew(): void
}

/** Wraps a postgres.js client so that all its connections can be replaced at once, after a failover. */
export function renewableClient(first: postgres.Sql): RenewableClient {
  let current = first
  const client = new Proxy(first, {
    apply: (_target, self, args) => Reflect.apply(current, self, args),
    get: (_target, name) => Reflect.get(current, name),
  })
  return {
    client,
    renew() {
      const old = current
      // postgres.js takes its own parsed options as they are, drizzle's changes to them included; its types do not say so.
      current = postgres(old.options as unknown as postgres.Options<Record<string, never>>)
      old.end({ timeout: DRAIN_SECONDS }).catch(() => {})
    },
  }
}
