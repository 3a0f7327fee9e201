import pTimeout from 'p-timeout'
import type { DestinationStream, Logger } from 'pino'
import { destination, pino } from 'pino'
import { redactLine } from './redaction.ts'

export interface LoggerOptions {
  /** The name of the server, in every line. */
  service: string
  level?: string
  /** The destination of lines. Standard output by default. */
  stream?: DestinationStream
}

/** A dozen lines. */
const WRITE_BYTES = 4096
/** The longest that a line waits for others. */
const WRITE_MS = 100

/** The maximum depth of logged causes. */
const CAUSES = 5

/**
 * Creates the logger of a process: JSON lines, redacted by `redaction.ts`. Lines are written asynchronously, several at once,
 * within `WRITE_MS`: `flush` waits for them, and the exit of the process writes the rest.
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
    // A write for each line would take 4 % of the time of a token request. With a minimum of 0 the destination's `flush` does
    // nothing, and lines could be written out of order at exit.
    stream ?? destination({ sync: false, minLength: WRITE_BYTES, periodicFlush: WRITE_MS }),
  )
}

/** Waits until all lines are written, for at most `deadlineMs`: a blocked pipe would never accept them. */
export async function flush(logger: Logger, deadlineMs = 1000): Promise<void> {
  const flushed = new Promise<void>((resolve) => logger.flush(() => resolve()))
  await pTimeout(flushed, { milliseconds: deadlineMs, message: false })
}

/**
 * Returns the known members of an error. Members that libraries add (a request's headers, a statement's parameters, a raw
 * packet) are left out. Values that are not errors are returned unchanged.
 */
export function describeError(error: unknown, depth = CAUSES): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, cause } = error
  const errors = error instanceof AggregateError && depth > 0 ? error.errors.slice(0, CAUSES) : undefined
  return {
    type: name,
    message,
    ...pick(error, ['code', 'statusCode', 'syscall', 'address', 'port', 'severity', 'table_name', 'constraint_name']),
    // The first line of a stack repeats the message.
    ...(stack?.includes('\n    at ') && { stack: stack.slice(stack.indexOf('\n    at ') + 1) }),
    ...(cause !== undefined && depth > 0 && { cause: describeError(cause, depth - 1) }),
    ...(errors && { errors: errors.map((one: unknown) => describeError(one, depth - 1)) }),
  }
}

/** Returns the path of a URL for the log, without the query, which may contain codes and tokens. */
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
