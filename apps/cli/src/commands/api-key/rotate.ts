import type { Call } from '../../cli.ts'
import { UsageError } from '../../failure.ts'
import { printIssued } from '../../issued-secret.ts'
import { type Expiry, expiryOf, noteEndOfDay } from './expiry.ts'
import { ISSUED, keepIt } from './view.ts'

export interface RotateOptions extends Expiry {
  /** Milliseconds. */
  readonly grace: number
  /** False: let it live until it is deleted. */
  readonly expiry: boolean
}

const LONGEST_GRACE_MS = 7 * 24 * 60 * 60 * 1000

export async function rotateKey(call: Call, name: string, options: RotateOptions): Promise<void> {
  const { grace, expiry } = options
  if (grace > LONGEST_GRACE_MS) throw new UsageError('The old value goes on for 7d at most.')
  const expiresAt = expiry ? expiryOf(options, call.terminal.now()) : null
  await printIssued(call, {
    request: (client) =>
      client.apiKeys.rotate(name, {
        gracePeriodSeconds: Math.floor(grace / 1000),
        ...(expiresAt !== undefined && { expiresAt }),
      }),
    secretOf: ({ value }) => value,
    view: ISSUED,
  })
  noteEndOfDay(call.output, options)
  keepIt(call)
}
