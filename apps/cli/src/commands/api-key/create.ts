import type { Permission } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { type Expiry, noteEndOfDay, resolveExpiry } from './expiry.ts'
import { ISSUED, remindToStore } from './view.ts'

export interface CreateOptions extends Expiry {
  readonly permissions: Permission[]
  readonly description?: string | undefined
  /** Ids or names. */
  readonly organizations?: string[] | undefined
}

export async function createKey(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  const { permissions, description, organizations } = options
  const expiresAt = resolveExpiry(options, context.terminal.now())
  await printIssuedSecret(context, {
    request: async ({ client, organizationIdOf }) => {
      const organizationIds = organizations && (await Promise.all(organizations.map(organizationIdOf)))
      return client.apiKeys.create({
        name,
        permissions,
        ...(description !== undefined && { description }),
        ...(expiresAt !== undefined && { expiresAt }),
        ...(organizationIds !== undefined && { organizationIds }),
      })
    },
    secretOf: ({ value }) => value,
    view: ISSUED,
  })
  noteEndOfDay(context.output, options)
  remindToStore(context)
}
