import type { Permission } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import { type Expiry, noteEndOfDay, resolveExpiry } from './expiry.ts'
import { SHOWN } from './view.ts'

export interface UpdateOptions extends Expiry {
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly permissions?: Permission[] | undefined
  /** False removes the expiry. */
  readonly expiry: boolean
}

/** Changes a key, effective at once; what no option names stays. */
export async function updateKey(context: CommandContext, current: string, options: UpdateOptions): Promise<void> {
  const { name, description, permissions, expiry } = options
  const expiresAt = expiry ? resolveExpiry(options, context.terminal.now()) : null
  if ([name, description, permissions, expiresAt].every((value) => value === undefined)) {
    throw new UsageError('Specify what to change.')
  }
  const key = await withApi(context, ({ client }) =>
    client.apiKeys.update(current, {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(permissions !== undefined && { permissions }),
      ...(expiresAt !== undefined && { expiresAt }),
    }),
  )
  await context.output.item(key, SHOWN)
  noteEndOfDay(context.output, options)
}
