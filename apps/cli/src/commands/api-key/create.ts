import type { Permission } from '@daytona-auth/sdk'
import type { Call } from '../../cli.ts'
import { printIssued } from '../../issued-secret.ts'
import { type Expiry, expiryOf, noteEndOfDay } from './expiry.ts'
import { ISSUED, keepIt } from './view.ts'

export interface CreateOptions extends Expiry {
  readonly permissions: Permission[]
  readonly organizations?: string[] | undefined
}

export async function createKey(call: Call, name: string, options: CreateOptions): Promise<void> {
  const { permissions, organizations } = options
  const expiresAt = expiryOf(options, call.terminal.now())
  await printIssued(call, {
    request: (client) =>
      client.apiKeys.create({
        name,
        permissions,
        ...(expiresAt !== undefined && { expiresAt }),
        ...(organizations !== undefined && { organizationIds: organizations }),
      }),
    secretOf: ({ value }) => value,
    view: ISSUED,
  })
  noteEndOfDay(call.output, options)
  keepIt(call)
}
