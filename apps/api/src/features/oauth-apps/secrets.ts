import { DEFAULT_SECRET_NAME, makeClientSecret } from '@daytona-auth/accounts/client-registration'
import { type AuditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  type ClientSecretRow,
  deleteClientSecrets,
  findOauthApp,
  insertClientSecret,
  lockClientSecrets,
  type OauthAppRow,
} from '@daytona-auth/db/clients'
import { conflict, notFound } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { requireFuture } from '../../http/schemas.ts'
import { eventOf, type OauthAppDependencies, throwNotFound, typeProblem } from './oauth-apps.ts'
import type { CreateOauthAppSecret } from './secret-schema.ts'

/** One in use and its successor: an app changes from one to the other without an interruption. */
const MAX_SECRETS = 2

/**
 * Adds a secret to a client beside the current one. Expired secrets are deleted.
 * @throws Denial 404, 400 for a type that cannot keep a secret, 409 if the client has two valid secrets
 */
export async function createOauthAppSecret(
  { database, invalidateClient, now }: OauthAppDependencies,
  caller: CallerInOrganization,
  clientId: string,
  { name, expiresAt }: z.output<typeof CreateOauthAppSecret>,
): Promise<{ readonly row: ClientSecretRow; readonly secret: string }> {
  requireFuture('expiresAt', expiresAt, now())
  const { organizationId } = caller.organization
  const { secret, digest, hint } = makeClientSecret()
  const entriesFor = ({ app, row, expired }: Created): AuditEntry[] => [
    ...expired.map((each) => deletionOf(caller, { id: clientId, name: app }, each, 201)),
    eventOf(
      caller,
      'oauth_app.create_secret',
      201,
      { id: clientId },
      {
        name: app,
        secretId: row.id,
        secretName: row.name,
        expiresAt: row.expiresAt,
      },
    ),
  ]
  const { row } = await inAudit(database, caller.authority('manage'), entriesFor, async (tx): Promise<Created> => {
    const client = (await lockClientSecrets(tx, organizationId, clientId)) ?? throwNotFound()
    requireSecretType(client.type)
    const expired = client.secrets.filter(({ isExpired }) => isExpired)
    if (client.secrets.length - expired.length >= MAX_SECRETS) {
      throw conflict('limit_reached', `The limit of ${MAX_SECRETS} secrets of an app is reached: delete one first`)
    }
    await deleteClientSecrets(
      tx,
      clientId,
      expired.map(({ id }) => id),
    )
    const created = await insertClientSecret(tx, clientId, {
      name,
      digest,
      hint,
      expiresAt: typeof expiresAt === 'string' ? new Date(expiresAt) : null,
    })
    return { app: client.name, row: created, expired }
  })
  invalidateClient(clientId)
  return { row, secret }
}

interface Created {
  /** The name of the client. */
  readonly app: string
  readonly row: ClientSecretRow
  readonly expired: readonly ClientSecretRow[]
}

/**
 * Deletes a secret of a client. This process applies the change at once; the processes of the provider are notified.
 * @throws Denial 404, 409 if no valid secret would be left
 */
export async function deleteOauthAppSecret(
  { database, invalidateClient }: OauthAppDependencies,
  caller: CallerInOrganization,
  clientId: string,
  secretId: string,
): Promise<void> {
  const { organizationId } = caller.organization
  const entryFor = ({ app, row }: Omit<Created, 'expired'>) => deletionOf(caller, { id: clientId, name: app }, row, 204)
  await inAudit(database, caller.authority('manage'), entryFor, async (tx) => {
    const client = (await lockClientSecrets(tx, organizationId, clientId)) ?? throwNotFound()
    const row = client.secrets.find(({ id }) => id === secretId)
    if (!row) throw notFound('OAuth app secret')
    const others = client.secrets.filter(({ id }) => id !== secretId)
    // As GitHub decides: an app without a secret could not authenticate. An expired one is not needed for that.
    const isNeeded = others.length === 0 || (!row.isExpired && others.every(({ isExpired }) => isExpired))
    if (isNeeded)
      throw conflict('last_secret', 'The only valid secret of an app cannot be deleted: create another first')
    await deleteClientSecrets(tx, clientId, [row.id])
    return { app: client.name, row }
  })
  invalidateClient(clientId)
}

/**
 * Replaces all secrets of a client by a new one.
 * @throws Denial 404, 400 for a type that cannot keep a secret
 */
export async function rotateOauthAppSecret(
  { database, invalidateClient }: OauthAppDependencies,
  caller: CallerInOrganization,
  clientId: string,
): Promise<{ readonly row: OauthAppRow; readonly secret: string }> {
  const { organizationId } = caller.organization
  const { secret, digest, hint } = makeClientSecret()
  const entryFor = ({ name }: OauthAppRow) =>
    eventOf(caller, 'oauth_app.rotate_secret', 201, { id: clientId }, { name })
  const row = await inAudit(database, caller.authority('manage'), entryFor, async (tx) => {
    const client = (await lockClientSecrets(tx, organizationId, clientId)) ?? throwNotFound()
    requireSecretType(client.type)
    await insertClientSecret(tx, clientId, { name: DEFAULT_SECRET_NAME, digest, hint })
    await deleteClientSecrets(
      tx,
      clientId,
      client.secrets.map(({ id }) => id),
    )
    return (await findOauthApp(tx, organizationId, clientId)) ?? throwNotFound()
  })
  invalidateClient(clientId)
  return { row, secret }
}

const deletionOf = (
  caller: CallerInOrganization,
  client: { readonly id: string; readonly name: string },
  secret: ClientSecretRow,
  statusCode: number,
): AuditEntry =>
  eventOf(caller, 'oauth_app.delete_secret', statusCode, client, {
    name: client.name,
    secretId: secret.id,
    secretName: secret.name,
  })

/** @throws Denial 400 for a type that cannot keep a secret */
function requireSecretType(type: OauthAppRow['type']): void {
  if (type !== 'web') throw typeProblem('must be web: an app of another type cannot keep a secret')
}
