import { ASSERTION_ALGORITHMS, AUTH_METHODS } from '@daytona-auth/accounts/client-keys'
import { ClientType, clientMembers, effectiveSettings, NewClient } from '@daytona-auth/accounts/client-registration'
import type { OauthAppRow } from '@daytona-auth/db/clients'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, Instant, instant } from '../../http/schemas.ts'
import { OauthAppSecret, oauthAppSecretToWire } from './secret-schema.ts'

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
    requirePushedAuthorizationRequests: z.boolean(),
    requireSignedRequestObject: z.boolean(),
    requestObjectSigningAlg: z.enum(ASSERTION_ALGORITHMS).nullable(),
    dpopBoundAccessTokens: z.boolean(),
    deviceGrant: z.boolean(),
    tokenEndpointAuthMethod: z
      .enum([...AUTH_METHODS, 'none'])
      .describe('`none`: `spa` and `native` cannot keep a secret'),
    jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
    jwksUri: z.string().nullable(),
    idTokenSignedResponseAlg: z.enum(['RS256', 'ES256']),
    backchannelLogoutUri: z.string().nullable(),
    backchannelLogoutSessionRequired: z.boolean(),
    defaultMaxAge: z.int().nullable(),
    refreshTokenTtl: z.int().nullable(),
    refreshTokenAbsoluteTtl: z.int().nullable(),
    secrets: z.array(OauthAppSecret).describe('Of a `web` app, oldest first. It authenticates with any of them'),
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
    requirePushedAuthorizationRequests: row.requirePushedAuthorizationRequests,
    requireSignedRequestObject: row.requireSignedRequestObject,
    requestObjectSigningAlg: row.requestObjectSigningAlg,
    dpopBoundAccessTokens: row.dpopBoundAccessTokens,
    tokenEndpointAuthMethod: row.type === 'web' ? row.tokenEndpointAuthMethod : 'none',
    jwks: row.jwks && { keys: row.jwks.keys.map((key) => ({ ...key })) },
    jwksUri: row.jwksUri,
    idTokenSignedResponseAlg: row.idTokenSignedResponseAlg,
    backchannelLogoutUri: row.backchannelLogoutUri,
    backchannelLogoutSessionRequired: row.backchannelLogoutSessionRequired,
    defaultMaxAge: row.defaultMaxAge,
    refreshTokenTtl: row.refreshTokenTtl,
    refreshTokenAbsoluteTtl: row.refreshTokenAbsoluteTtl,
    secrets: row.secrets.map(oauthAppSecretToWire),
    organizationId: row.organizationId ?? '',
    createdBy: row.createdBy,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
  }
}
