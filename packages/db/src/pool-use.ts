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

/**
 * Told what is asked, such as `SELECT` or `TRANSACTION`, where and when it is; what it returns is told how it ended.
 */
export type OnStatement = (operation: string) => (outcome: 'ok' | 'failed') => void

/** What postgres.js calls when a query is to be sent, which is not before somebody waits for it. */
interface Sendable extends Promise<unknown> {
  handler: (query: Sendable) => unknown
  readonly strings: readonly string[]
}

const uses = new WeakMap<object, PoolUse>()

/** What the pool is doing at this moment. */
export function readPoolUse({ $client }: { readonly $client: object }): PoolUse {
  const use = uses.get($client)
  if (!use) throw new Error('the use of this pool is not counted')
  return use
}

interface Observers {
  readonly onStatement?: OnStatement | undefined
  readonly onError?: ((error: unknown) => void) | undefined
}

/** The same client, which counts what it is asked. */
export function countUse(client: postgres.Sql, max: number, { onStatement, onError }: Observers = {}): postgres.Sql {
  const use = { max, statements: 0, transactions: 0 }

  function counted(query: unknown): unknown {
    if (!isSendable(query)) return query // an identifier or a list of values
    const { handler } = query
    query.handler = (sent) => {
      const told = onStatement?.(operationOf(sent))
      const done = (outcome: 'ok' | 'failed') => () => {
        use.statements -= 1
        told?.(outcome)
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
    const told = onStatement?.('TRANSACTION')
    const done = (outcome: 'ok' | 'failed') => () => {
      use.transactions -= 1
      told?.(outcome)
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

/** The first word of a statement: nothing of the rest, where a value may stand. */
const operationOf = ({ strings: [text = ''] }: Sendable): string =>
  /^\s*([a-z]{1,20})\b/i.exec(text)?.[1]?.toUpperCase() ?? 'OTHER'
