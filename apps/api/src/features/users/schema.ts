import { describeUserAgent } from '@daytona-auth/accounts/describe-user-agent'
import { GivenName } from '@daytona-auth/accounts/given-name'
import type { Principal } from '@daytona-auth/auth'
import type { AuthorizedAppRow, SessionRow } from '@daytona-auth/db/users'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenClientId, GivenId, Instant, instant } from '../../http/schemas.ts'

export const User = z
  .object({
    id: z.string(),
    name: z.string().nullable().describe('Null for a third-party app without the scope `profile`'),
    email: z.string().nullable().describe('Null for a third-party app without the scope `email`'),
    emailVerified: z.boolean().nullable().describe('Null for a third-party app without the scope `email`'),
    publicKeys: z.array(z.object({ key: z.string(), name: z.string() })).describe('Always empty'),
    createdAt: Instant,
  })
  .meta({ id: 'User' })

/** Converts the principal's user to its wire form. A third-party app gets only the members of its scopes. */
export function userToWire(principal: Principal): z.output<typeof User> {
  const isVisible = (scope: 'profile' | 'email') =>
    principal.kind === 'api-key' || principal.firstParty || principal.scopes.has(scope)
  return {
    id: principal.userId,
    name: isVisible('profile') ? principal.userName : null,
    email: isVisible('email') ? principal.email : null,
    emailVerified: isVisible('email') ? principal.emailVerified : null,
    publicKeys: [],
    createdAt: new Date(principal.userCreatedAt).toISOString(),
  }
}

export const UpdateUser = closedObject({ name: GivenName.optional() }).meta({ id: 'UpdateUser' })

export const Session = z
  .object({
    id: z.string().describe('Identifies the session. It is not a credential'),
    signedInAt: Instant,
    createdAt: Instant,
    lastSeenAt: Instant.describe('When an app last signed in or got tokens in it'),
    expiresAt: Instant,
    browser: z.string().nullable().describe('Such as `Firefox 140`, as the browser states it. Null if unknown'),
    system: z.string().nullable().describe('Such as `Windows` or `Android`. Null if unknown'),
    ipAddress: z.string().nullable().describe('At the last sign-in to an app. Null if unknown'),
    current: z.boolean().describe('Whether the token of the request was issued in it'),
    apps: z
      .array(z.object({ clientId: z.string(), name: z.string() }))
      .describe('The apps signed in to in this session'),
  })
  .meta({ id: 'Session' })

export const SessionPath = z.object({ sessionId: GivenId })

export const sessionToWire = (row: SessionRow): z.output<typeof Session> => ({
  id: row.id,
  signedInAt: instant(new Date(row.signedInAt)),
  createdAt: instant(new Date(row.createdAt)),
  lastSeenAt: instant(new Date(row.lastSeenAt)),
  expiresAt: instant(new Date(row.expiresAt)),
  ...describeUserAgent(row.userAgent),
  ipAddress: row.ipAddress,
  current: row.isCurrent,
  apps: row.apps.map(({ clientId, name }) => ({ clientId, name })),
})

const AuthorizedResourceServer = z
  .object({
    id: z.string(),
    identifier: z.string().describe('The `aud` of its tokens'),
    name: z.string(),
    scopes: z.array(z.string()).describe('Those that you allowed and that the API still has'),
  })
  .meta({ id: 'AuthorizedResourceServer' })

export const AuthorizedApp = z
  .object({
    clientId: z.string(),
    name: z.string(),
    firstParty: z.boolean().describe('Whether it is the dashboard or the CLI'),
    homepageUri: z.string().nullable(),
    logoUri: z.string().nullable(),
    scopes: z.array(z.string()),
    resourceServers: z
      .array(AuthorizedResourceServer)
      .describe('The APIs with their own audience that it may call as you'),
    organizationIds: z.array(z.string()).nullable().describe('Null: every organization of the user'),
    devices: z.int().describe('The number of active sign-ins. 0: only the consent is stored'),
    authorizedAt: Instant,
    lastSeenAt: Instant.nullable().describe('When it last got tokens. Null: only the consent is stored'),
  })
  .meta({ id: 'AuthorizedApp' })

export const AuthorizedAppPath = z.object({ clientId: GivenClientId })

export const authorizedAppToWire = (row: AuthorizedAppRow): z.output<typeof AuthorizedApp> => ({
  clientId: row.clientId,
  name: row.name,
  firstParty: row.firstParty,
  homepageUri: row.homepageUri,
  logoUri: row.logoUri,
  scopes: [...row.scopes],
  resourceServers: row.resourceServers.map(({ id, identifier, name, scopes }) => ({
    id,
    identifier,
    name,
    scopes: [...scopes],
  })),
  organizationIds: row.organizationIds && [...row.organizationIds],
  devices: row.grants,
  authorizedAt: instant(new Date(row.authorizedAt)),
  lastSeenAt: row.lastSeenAt === null ? null : instant(new Date(row.lastSeenAt)),
})

export const EmailVerificationRequest = z
  .object({
    status: z.enum(['sent', 'outbox', 'failed', 'none']),
    message: z.string().describe('The outcome, as a sentence'),
  })
  .meta({ id: 'EmailVerificationRequest' })
