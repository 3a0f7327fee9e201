import { GivenName } from '@daytona-auth/accounts/given-name'
import type { ClientSecretRow } from '@daytona-auth/db/clients'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, GivenInstant, Instant, instant, instantOrNull } from '../../http/schemas.ts'

export const CreateOauthAppSecret = closedObject({
  name: GivenName.describe('Distinguishes the secrets of an app, such as by where each is stored'),
  expiresAt: GivenInstant.nullish().describe('In the future. Null or absent: the secret does not expire'),
}).meta({ id: 'CreateOauthAppSecret' })

export const OauthAppSecretPath = z.object({ clientId: GivenId, secretId: GivenId })

const members = {
  id: z.string(),
  name: z.string(),
  hint: z.string().nullable().describe('The masked secret. Null: it was made before masked secrets were stored'),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable().describe('When the app last authenticated with it. Written within seconds'),
}

export const OauthAppSecret = z.object(members).meta({ id: 'OauthAppSecret' })

/** The only response with the new secret. */
export const CreatedOauthAppSecret = z
  .object({ ...members, clientSecret: z.string().describe('The secret itself. Store it: it is shown only once') })
  .meta({ id: 'CreatedOauthAppSecret' })

export const oauthAppSecretToWire = (row: ClientSecretRow): z.output<typeof OauthAppSecret> => ({
  id: row.id,
  name: row.name,
  hint: row.hint,
  createdAt: instant(row.createdAt),
  expiresAt: instantOrNull(row.expiresAt),
  lastUsedAt: instantOrNull(row.lastUsedAt),
})
