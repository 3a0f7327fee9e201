import type { Principal } from '@daytona-auth/auth'
import * as z from 'zod'
import { Instant } from '../../wire.ts'

export const User = z
  .object({
    id: z.string(),
    name: z.string().nullable().describe('Null for a third-party app without the scope `profile`'),
    email: z.string().nullable().describe('Null for a third-party app without the scope `email`'),
    emailVerified: z.boolean().nullable().describe('Null for a third-party app without the scope `email`'),
    publicKeys: z.array(z.object({ key: z.string(), name: z.string() })).describe('None are kept here'),
    createdAt: Instant,
  })
  .meta({ id: 'User' })

/** What a credential may know of its user: a third-party app what was consented to, any other everything. */
export function userToWire(principal: Principal): z.output<typeof User> {
  const mayKnow = (scope: 'profile' | 'email') =>
    principal.kind === 'api-key' || principal.firstParty || principal.scopes.has(scope)
  return {
    id: principal.userId,
    name: mayKnow('profile') ? principal.userName : null,
    email: mayKnow('email') ? principal.email : null,
    emailVerified: mayKnow('email') ? principal.emailVerified : null,
    publicKeys: [],
    createdAt: new Date(principal.userCreatedAt).toISOString(),
  }
}
