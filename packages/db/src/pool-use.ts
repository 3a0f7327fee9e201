import type postgres from 'postgres'

/** How busy a pool is: postgres.js does not tell, so it is counted where statements enter it. */
export interface PoolUse {
  /** Connections at most. */
  readonly max: number
  /** Statements asked for and not answered, those that wait for a connection included; not those of a transaction. */
  readonly statements: number
  /** Transactions begun and not ended, those that wait for a connection included: each takes one for itself. */
  readonly transactions: number
}

/** What postgres.js calls when a query is to be sent, which is not before somebody waits for it. */
interface Sendable extends Promise<unknown> {
  handler: (query: Sendable) => unknown
}

const uses = new WeakMap<object, PoolUse>()

/** What the pool is doing at this moment. */
export function poolUse({ $client }: { readonly $client: object }): PoolUse {
  const use = uses.get($client)
  if (!use) throw new Error('the use of this pool is not counted')
  return use
}

/** The same client, which counts what it is asked. */
export function countUse(client: postgres.Sql, max: number): postgres.Sql {
  const use = { max, statements: 0, transactions: 0 }

  function counted(query: unknown): unknown {
    if (!isSendable(query)) return query // an identifier or a list of values
    const { handler } = query
    query.handler = (sent) => {
      const done = () => {
        use.statements -= 1
      }
      use.statements += 1
      sent.then(done, done)
      return handler(sent)
    }
    return query
  }
  const unsafe = (...args: Parameters<typeof client.unsafe>) => counted(client.unsafe(...args))
  const begin = (...args: [never]) => {
    const ended = client.begin(...args)
    const done = () => {
      use.transactions -= 1
    }
    use.transactions += 1
    ended.then(done, done)
    return ended
  }

  const counting = new Proxy(client, {
    apply: (target, self, args) => counted(Reflect.apply(target, self, args)),
    get: (target, name) => (name === 'unsafe' ? unsafe : name === 'begin' ? begin : Reflect.get(target, name)),
  })
  uses.set(counting, use)
  return counting
}

const isSendable = (query: unknown): query is Sendable => query instanceof Promise && 'handler' in query
