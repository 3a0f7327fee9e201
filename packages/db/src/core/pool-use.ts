import type postgres from 'postgres'

/** The load of a pool. postgres.js does not report it, so statements are counted where they enter the pool. */
export interface PoolUse {
  /** The maximum number of connections. */
  readonly max: number
  /** Statements without an answer, including those that wait for a connection; not those of a transaction. */
  readonly statements: number
  /** Open transactions, including those that wait for a connection: each occupies one connection. */
  readonly transactions: number
}

/** Called when a statement starts, with its first word or `TRANSACTION`. The returned function is called when it ends. */
export type OnStatement = (operation: string) => (outcome: 'ok' | 'failed') => void

/** A query of postgres.js: its `handler` is called to send it, which happens when it is awaited. */
interface Sendable extends Promise<unknown> {
  handler: (query: Sendable) => unknown
  readonly strings: readonly string[]
}

const uses = new WeakMap<object, PoolUse>()

/** Returns the current load of a pool. */
export function readPoolUse({ $client }: { readonly $client: object }): PoolUse {
  const use = uses.get($client)
  if (!use) throw new Error('the use of this pool is not counted')
  return use
}

interface Observers {
  readonly onStatement?: OnStatement | undefined
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Wraps a client so that its statements and transactions are counted. */
export function countUse(client: postgres.Sql, max: number, { onStatement, onError }: Observers = {}): postgres.Sql {
  const use = { max, statements: 0, transactions: 0 }

  function counted(query: unknown): unknown {
    if (!isSendable(query)) return query // an identifier or a list of values
    const { handler } = query
    query.handler = (sent) => {
      const onEnd = onStatement?.(operationOf(sent))
      const done = (outcome: 'ok' | 'failed') => () => {
        use.statements -= 1
        onEnd?.(outcome)
      }
      use.statements += 1
      sent.then(done('ok'), (error: unknown) => {
        done('failed')()
        onError?.(error)
      })
      return handler(sent)
    }
    return query
  }
  const unsafe = (...args: Parameters<typeof client.unsafe>) => counted(client.unsafe(...args))
  const begin = (...args: [never]) => {
    const ended = client.begin(...args)
    const onEnd = onStatement?.('TRANSACTION')
    const done = (outcome: 'ok' | 'failed') => () => {
      use.transactions -= 1
      onEnd?.(outcome)
    }
    use.transactions += 1
    ended.then(done('ok'), (error: unknown) => {
      done('failed')()
      onError?.(error)
    })
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

/** Returns the first word of a statement only: the rest may contain a value. */
const operationOf = ({ strings: [text = ''] }: Sendable): string =>
  /^\s*([a-z]{1,20})\b/i.exec(text)?.[1]?.toUpperCase() ?? 'OTHER'
