import type { Permission } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { type Expiry, noteEndOfDay, resolveExpiry } from './expiry.ts'
import { ISSUED, remindToStore } from './view.ts'

export interface CreateOptions extends Expiry {
  readonly permissions: Permission[]
  readonly description?: string | undefined
  readonly organizations?: string[] | undefined
}

export async function createKey(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  const { permissions, description, organizations } = options
  const expiresAt = resolveExpiry(options, context.terminal.now())
  await printIssuedSecret(context, {
    request: (client) =>
      client.apiKeys.create({
        name,
        permissions,
        ...(description !== undefined && { description }),
        ...(expiresAt !== undefined && { expiresAt }),
        ...(organizations !== undefined && { organizationIds: organizations }),
      }),
    secretOf: ({ value }) => value,
    view: ISSUED,
  })
  noteEndOfDay(context.output, options)
  remindToStore(context)
}
