import { GivenName } from '@daytona-auth/accounts/given-name'
import { MAX_ISSUER_LENGTH } from '@daytona-auth/accounts/upstream-check'
import type { IdentityProviderRow } from '@daytona-auth/db/organizations'
import { boundedList, boundedText, closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { Instant, instant } from '../../http/schemas.ts'

/** RFC 6749 §3.3. */
const Scope = boundedText({ max: 128 }).regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope')

export const SetIdentityProvider = closedObject({
  name: GivenName.describe('Its name on the sign-in page'),
  issuer: boundedText({ max: MAX_ISSUER_LENGTH }).describe(
    'The issuer of the OpenID provider, exactly as in its configuration',
  ),
  clientId: boundedText({ min: 1, max: 256 }).describe('The client that you registered there, with our redirect URI'),
  clientSecret: boundedText({ min: 1, max: 1024 })
    .optional()
    .describe('Its secret. Can be left out if the issuer and the client stay the same'),
  scopes: boundedList(Scope, { min: 1, max: 20, tooFew: 'must contain openid' })
    .refine((scopes) => scopes.includes('openid'), 'must contain openid')
    .default(['openid', 'email', 'profile'])
    .describe('The scopes to request'),
}).meta({ id: 'SetIdentityProvider' })

const SignInRule = z.enum(['optional', 'required'])

export const UpdateIdentityProvider = closedObject({
  signIn: SignInRule.describe('`required`: addresses in the verified domains of the organization sign in only with it'),
}).meta({ id: 'UpdateIdentityProvider' })

export const IdentityProvider = z
  .object({
    organizationId: z.string(),
    name: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    scopes: z.array(z.string()).describe('The scopes that are requested'),
    redirectUri: z.string().describe('The redirect URI to register there'),
    backchannelLogoutUri: z
      .string()
      .describe('The back-channel logout URI to register there, so that a sign-out there ends the sessions here'),
    signIn: SignInRule.describe(
      '`required`: addresses in the verified domains of the organization sign in only with it. `optional`: they have other ways, too',
    ),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'IdentityProvider' })

/** The redirect URI of an organization's provider: known before there is one, so that the client can be registered first. */
export const redirectUriOf = (issuer: string, organizationId: string): string =>
  `${issuer}/oauth/upstream/${organizationId}/callback`

export const identityProviderToWire = (
  row: IdentityProviderRow,
  ourIssuer: string,
): z.output<typeof IdentityProvider> => ({
  organizationId: row.organizationId,
  name: row.name,
  issuer: row.issuer,
  clientId: row.clientId,
  scopes: row.scopes,
  redirectUri: redirectUriOf(ourIssuer, row.organizationId),
  backchannelLogoutUri: `${ourIssuer}/oauth/upstream/${row.organizationId}/backchannel-logout`,
  signIn: row.signIn,
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
})
