import type { DestinationStream, Logger } from 'pino'
import { destination, pino } from 'pino'
import { redactLine } from './redaction.ts'

export interface LoggerOptions {
  /** The name of the part, in every line. */
  service: string
  level?: string
  /** Where lines go; standard output unless a test listens. */
  stream?: DestinationStream
}

/** How deep causes are told. */
const CAUSES = 5

/**
 * The logger of a process: JSON lines, object first, cleaned of secrets by `redaction.ts`.
 * Lines are written asynchronously: `flush` waits for them, and the process's exit writes the rest.
 */
export function createLogger({ service, level = 'info', stream }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        err: describeError,
        error: describeError,
        why: describeError,
        req: describeRequest,
        res: describeReply,
      },
      hooks: { streamWrite: redactLine },
    },
    // With a minimum of 0 the destination's `flush` does nothing, and what is under way could be overtaken at exit.
    stream ?? destination({ sync: false, minLength: 1 }),
  )
}

/** Waits until all lines are written, or `deadlineMs` where nobody reads them. */
export function flush(logger: Logger, deadlineMs = 1000): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, deadlineMs)
    logger.flush(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/**
 * An error by the members that we know, so that what libraries hang on theirs (a request's headers, a statement's
 * parameters, a raw packet) stays out. Anything else is left as it is.
 */
export function describeError(error: unknown, depth = CAUSES): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, cause } = error
  const errors = error instanceof AggregateError && depth > 0 ? error.errors.slice(0, CAUSES) : undefined
  return {
    type: name,
    message,
    ...pick(error, ['code', 'statusCode', 'syscall', 'address', 'port', 'severity', 'table_name', 'constraint_name']),
    // The first line of a stack is the message once more.
    ...(stack?.includes('\n    at ') && { stack: stack.slice(stack.indexOf('\n    at ') + 1) }),
    ...(cause !== undefined && depth > 0 && { cause: describeError(cause, depth - 1) }),
    ...(errors && { errors: errors.map((one: unknown) => describeError(one, depth - 1)) }),
  }
}

/** The path of a URL as it is logged: never the query, which may carry codes and tokens. */
export function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

function describeRequest(request: { method?: string; url?: string; ip?: string }): unknown {
  return { method: request.method, path: pathOf(request.url ?? ''), address: request.ip }
}

function describeReply(reply: { statusCode?: number }): unknown {
  return { statusCode: reply.statusCode }
}

function pick(error: Error, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(error).filter(([name]) => names.includes(name)))
}
