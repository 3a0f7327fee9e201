import { permissionNames } from '@daytona-auth/auth'
import { GivenName } from '@daytona-auth/auth/given-name'
import type { OauthAppRow } from '@daytona-auth/db'
import * as z from 'zod'
import { Instant, instant } from '../../wire.ts'
import { redirectUriProblem } from './redirect-uri.ts'

const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'offline_access'] as const

const Scope = z.enum([...IDENTITY_SCOPES, ...permissionNames()]).meta({ id: 'Scope' })

const Uri = z
  .string()
  .max(2000)
  .superRefine((text, context) => {
    const problem = redirectUriProblem(text)
    if (problem !== undefined) context.addIssue(problem)
  })
  .meta({ format: 'uri' })

const Type = z.enum(['web', 'spa', 'native']).describe('`web` has a secret; `spa` and `native` cannot keep one')

const members = {
  name: GivenName.describe('Shown to people who are asked for their consent'),
  redirectUris: z
    .array(Uri)
    .min(1, 'must name at least one')
    .max(100)
    .describe('https, or http on loopback, where a `native` app may use any port'),
  postLogoutRedirectUris: z.array(Uri).max(100),
  scopes: z.array(Scope).min(1, 'must name at least one').describe('The most that the app may ask for'),
  homepageUri: Uri.nullish(),
  logoUri: Uri.nullish(),
}

export const CreateOauthApp = z
  .object({ ...members, type: Type, postLogoutRedirectUris: members.postLogoutRedirectUris.default([]) })
  .meta({ id: 'CreateOauthApp' })

/** What is absent stays; null takes away. */
export const UpdateOauthApp = z
  .object({ ...members, type: Type.describe('As it is: no app changes its type') })
  .partial()
  .meta({ id: 'UpdateOauthApp' })

export const OauthAppPath = z.object({ clientId: z.string() })

export const OauthApp = z
  .object({
    clientId: z.string(),
    name: z.string(),
    type: Type,
    redirectUris: z.array(z.string()),
    postLogoutRedirectUris: z.array(z.string()),
    scopes: z.array(z.string()),
    homepageUri: z.string().nullable(),
    logoUri: z.string().nullable(),
    organizationId: z.string(),
    createdBy: z.string().nullable(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'OauthApp' })

/** The only answer with a secret in it. */
export const CreatedOauthApp = OauthApp.extend({
  clientSecret: z.string().optional().describe('For `web`. It is shown here and never again'),
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
    organizationId: row.organizationId ?? '',
    createdBy: row.createdBy,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
  }
}
