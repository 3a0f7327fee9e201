import { ClientType, clientMembers, effectiveSettings, NewClient } from '@daytona-auth/accounts/client-registration'
import type { OauthAppRow } from '@daytona-auth/db/clients'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant } from '../../http/schemas.ts'

export const CreateOauthApp = closedObject(NewClient.shape).meta({ id: 'CreateOauthApp' })

/** Absent members stay unchanged; null removes a value. */
export const UpdateOauthApp = closedObject({
  ...clientMembers,
  type: ClientType.describe('The current type. It cannot be changed'),
})
  .partial()
  .meta({ id: 'UpdateOauthApp' })

export const OauthAppPath = z.object({ clientId: GivenId })

export const OauthApp = z
  .object({
    clientId: z.string(),
    name: z.string(),
    type: ClientType,
    redirectUris: z.array(z.string()),
    postLogoutRedirectUris: z.array(z.string()),
    scopes: z.array(z.string()),
    homepageUri: z.string().nullable(),
    logoUri: z.string().nullable(),
    requirePkce: z.boolean(),
    deviceGrant: z.boolean(),
    idTokenSignedResponseAlg: z.enum(['RS256', 'ES256']),
    organizationId: z.string(),
    createdBy: z.string().nullable(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'OauthApp' })

/** The only response with a secret. */
export const CreatedOauthApp = OauthApp.extend({
  clientSecret: z.string().optional().describe('For `web`. Store it: it is shown only once'),
}).meta({ id: 'CreatedOauthApp' })

export function oauthAppToWire(row: OauthAppRow): z.output<typeof OauthApp> {
  return {
    clientId: row.id,
    name: row.name,
    type: row.type,
    redirectUris: row.redirectUris,
    postLogoutRedirectUris: row.postLogoutRedirectUris,
    scopes: row.scopes,
    homepageUri: row.homepageUri,
    logoUri: row.logoUri,
    ...effectiveSettings(row),
    idTokenSignedResponseAlg: row.idTokenSignedResponseAlg,
    organizationId: row.organizationId ?? '',
    createdBy: row.createdBy,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
  }
}
