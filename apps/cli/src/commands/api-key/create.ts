import type { Permission } from '@daytona-auth/sdk'
import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { expiryOf } from './expiry.ts'
import { ISSUED, keepIt } from './view.ts'

export interface CreateOptions {
  readonly permissions: Permission[]
  readonly expiresAt?: string | undefined
  readonly expiresIn?: number | undefined
  readonly organizations?: string[] | undefined
}

export async function createKey(call: Call, name: string, options: CreateOptions): Promise<void> {
  const { permissions, organizations } = options
  const expiresAt = expiryOf(options, call.terminal.now())
  const key = await ask(call, ({ client }) =>
    client.apiKeys.create({
      name,
      permissions,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(organizations !== undefined && { organizationIds: organizations }),
    }),
  )
  await call.output.one(key, ISSUED)
  keepIt(call)
}
