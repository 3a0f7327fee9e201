import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { type Confirmation, selectChoice } from '../../prompts.ts'
import { isInteractive, type Terminal } from '../../terminal.ts'
import { type Expiry, noteEndOfDay, resolveExpiry } from './expiry.ts'
import { ISSUED, remindToStore } from './view.ts'

export interface RotateOptions extends Expiry, Confirmation {
  /** Milliseconds. Undefined: asked at a terminal, otherwise none. */
  readonly grace?: number | undefined
  /** False removes the expiry. */
  readonly expiry: boolean
}

const MAX_GRACE_MS = 7 * 24 * 60 * 60 * 1000

export async function rotateKey(context: CommandContext, name: string, options: RotateOptions): Promise<void> {
  const { expiry } = options
  if ((options.grace ?? 0) > MAX_GRACE_MS) throw new UsageError('The old value can stay valid for 7d at most.')
  const expiresAt = expiry ? resolveExpiry(options, context.terminal.now()) : null
  const grace = options.grace ?? (await selectGrace(context.terminal, name, options))
  await printIssuedSecret(context, {
    request: ({ client }) =>
      client.apiKeys.rotate(name, {
        gracePeriodSeconds: Math.floor(grace / 1000),
        ...(expiresAt !== undefined && { expiresAt }),
      }),
    secretOf: ({ value }) => value,
    view: ISSUED,
  })
  noteEndOfDay(context.output, options)
  remindToStore(context)
}

const HOUR_MS = 60 * 60 * 1000

async function selectGrace(terminal: Terminal, name: string, { yes }: Confirmation): Promise<number> {
  if (yes || !isInteractive(terminal)) return 0
  const question = `How long does the current value of "${name}" stay valid?`
  const choices = [
    { value: '0', label: 'not at all', hint: 'programs that use it stop working at once' },
    { value: '1', label: '1 hour' },
    { value: '24', label: '24 hours' },
    { value: '168', label: '7 days' },
  ]
  return Number(await selectChoice(terminal, question, choices, '24')) * HOUR_MS
}
