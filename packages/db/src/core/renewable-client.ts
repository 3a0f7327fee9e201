import postgres from 'postgres'

/** How long statements on replaced connections may continue, in seconds. */
const DRAIN_SECONDS = 5

export interface RenewableClient {
  /** A client that uses the newest pool. */
  readonly client: postgres.Sql
  /** Replaces the pool. Running statements and transactions end on the old connections; later ones use new ones. */
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
      // postgres.js accepts its own parsed options, including drizzle's changes; its types do not show that.
      current = postgres(old.options as unknown as postgres.Options<Record<string, never>>)
      old.end({ timeout: DRAIN_SECONDS }).catch(() => {})
    },
  }
}
