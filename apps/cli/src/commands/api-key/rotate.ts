import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { isInteractive } from '../../terminal.ts'
import { type Expiry, noteEndOfDay, resolveExpiry } from './expiry.ts'
import { ISSUED, remindToStore } from './view.ts'

export interface RotateOptions extends Expiry, Confirmation {
  /** Milliseconds. */
  readonly grace: number
  /** False removes the expiry. */
  readonly expiry: boolean
}

const MAX_GRACE_MS = 7 * 24 * 60 * 60 * 1000

export async function rotateKey(context: CommandContext, name: string, options: RotateOptions): Promise<void> {
  const { grace, expiry } = options
  if (grace > MAX_GRACE_MS) throw new UsageError('The old value can stay valid for 7d at most.')
  const expiresAt = expiry ? resolveExpiry(options, context.terminal.now()) : null
  if (grace === 0 && isInteractive(context.terminal)) {
    const question = `Rotate the key "${name}"? Its current value stops working at once. To keep it for a day: --grace 24h.`
    await requireConfirmation(context.terminal, question, options)
  }
  await printIssuedSecret(context, {
    request: (client) =>
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
