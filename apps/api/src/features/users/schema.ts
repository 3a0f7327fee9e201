import { GivenName } from '@daytona-auth/accounts/given-name'
import type { Principal } from '@daytona-auth/auth'
import type { AuthorizedAppRow, SessionRow } from '@daytona-auth/db'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant } from '../../http/schemas.ts'

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

export const UpdateUser = closedObject({ name: GivenName.optional() }).meta({ id: 'UpdateUser' })

export const Session = z
  .object({
    id: z.string().describe('Names the session; it opens nothing'),
    signedInAt: Instant,
    expiresAt: Instant,
    current: z.boolean().describe('Whether the token that asks was made in it'),
    apps: z.array(z.object({ clientId: z.string(), name: z.string() })).describe('What was signed in to in it'),
  })
  .meta({ id: 'Session' })

export const SessionPath = z.object({ sessionId: GivenId })

export const sessionToWire = (row: SessionRow): z.output<typeof Session> => ({
  id: row.id,
  signedInAt: instant(new Date(row.signedInAt)),
  expiresAt: instant(new Date(row.expiresAt)),
  current: row.isCurrent,
  apps: row.apps.map(({ clientId, name }) => ({ clientId, name })),
})

export const AuthorizedApp = z
  .object({
    clientId: z.string(),
    name: z.string(),
    firstParty: z.boolean().describe('Our own dashboard or CLI'),
    homepageUri: z.string().nullable(),
    logoUri: z.string().nullable(),
    scopes: z.array(z.string()),
    organizationIds: z.array(z.string()).nullable().describe('Null: all that the user is a member of'),
    devices: z.int().describe('How often it is signed in; 0 where only the consent is remembered'),
    authorizedAt: Instant,
  })
  .meta({ id: 'AuthorizedApp' })

export const AuthorizedAppPath = z.object({ clientId: GivenId })

export const authorizedAppToWire = (row: AuthorizedAppRow): z.output<typeof AuthorizedApp> => ({
  clientId: row.clientId,
  name: row.name,
  firstParty: row.firstParty,
  homepageUri: row.homepageUri,
  logoUri: row.logoUri,
  scopes: [...row.scopes],
  organizationIds: row.organizationIds && [...row.organizationIds],
  devices: row.grants,
  authorizedAt: instant(new Date(row.authorizedAt)),
})

export const EmailVerificationRequest = z
  .object({
    status: z.enum(['sent', 'outbox', 'failed', 'none']),
    message: z.string().describe('What became of the mail'),
  })
  .meta({ id: 'EmailVerificationRequest' })
