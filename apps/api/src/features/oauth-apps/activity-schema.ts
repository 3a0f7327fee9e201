import { CLIENT_DENIAL_REASONS, type ClientDenial, type ClientUserRow } from '@daytona-auth/db/clients'
import * as z from 'zod'
import { Instant, instant, instantOrNull } from '../../http/schemas.ts'

export const OauthAppDenial = z
  .object({
    reason: z
      .enum(CLIENT_DENIAL_REASONS)
      .describe('The OAuth error of the response. `invalid_redirect_uri`: the redirect URI is not registered'),
    redirectUri: z
      .string()
      .nullable()
      .describe('For `invalid_redirect_uri`: the redirect URI that was sent, without query. Null if it was no URI'),
    count: z.int().describe('How many requests were refused. Of one address, at most 30 a minute are counted'),
    firstAt: Instant.describe('The first of these requests'),
    lastAt: Instant.describe('The last of these requests'),
  })
  .meta({ id: 'OauthAppDenial' })

/** An object, because the denials of an app are few and not paged. */
export const OauthAppDenials = z
  .object({ denials: z.array(OauthAppDenial).describe('Latest first') })
  .meta({ id: 'OauthAppDenials' })

export const oauthAppDenialToWire = (row: ClientDenial): z.output<typeof OauthAppDenial> => ({
  reason: row.reason,
  redirectUri: row.redirectUri === '' ? null : row.redirectUri,
  count: row.count,
  firstAt: instant(row.firstAt),
  lastAt: instant(row.lastAt),
})

export const OauthAppUser = z
  .object({
    userId: z.string(),
    name: z.string().nullable().describe('Null unless the user is a member of the organization or allowed `profile`'),
    email: z.string().nullable().describe('Null unless the user is a member of the organization or allowed `email`'),
    scopes: z.array(z.string()).describe('What the user allowed'),
    devices: z.int().describe('The number of active sign-ins. 0: only the consent is stored'),
    authorizedAt: Instant,
    lastSeenAt: Instant.nullable().describe('When the app last got tokens for the user. Null: not signed in'),
  })
  .meta({ id: 'OauthAppUser' })

export const oauthAppUserToWire = (row: ClientUserRow): z.output<typeof OauthAppUser> => ({
  userId: row.userId,
  name: row.name,
  email: row.email,
  scopes: [...row.scopes],
  devices: row.grants,
  authorizedAt: instant(row.authorizedAt),
  lastSeenAt: instantOrNull(row.lastSeenAt),
})
