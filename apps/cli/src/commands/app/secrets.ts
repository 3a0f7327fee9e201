import type { CreatedOauthAppSecret, OauthAppSecret } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { printIssuedSecret } from '../../issued-secret.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { type Column, instantCell, maskedKeyCell, type View } from '../../view.ts'
import { type Expiry, noteEndOfDay, resolveExpiry } from '../api-key/expiry.ts'

const NAME: Column<OauthAppSecret> = ['Name', ({ name }) => name]
const ID: Column<OauthAppSecret> = ['ID', ({ id }) => id, { isWhole: true }]
const EXPIRES: Column<OauthAppSecret> = ['Expires', ({ expiresAt }) => instantCell(expiresAt, 'never')]

const LISTED: View<OauthAppSecret> = {
  columns: [
    NAME,
    ID,
    ['Secret', ({ hint }) => hint && maskedKeyCell(hint)],
    ['Created', ({ createdAt }) => instantCell(createdAt), { omit: 1 }],
    ['Last used', ({ lastUsedAt }) => instantCell(lastUsedAt, 'never')],
    EXPIRES,
  ],
  value: ({ id }) => id,
}

/** A newly issued secret: the only view with its value. */
const ISSUED: View<CreatedOauthAppSecret> = {
  columns: [NAME, ID, ['Secret', ({ clientSecret }) => clientSecret], EXPIRES],
  value: ({ clientSecret }) => clientSecret,
}

export async function createSecret(
  context: CommandContext,
  clientId: string,
  name: string,
  options: Expiry,
): Promise<void> {
  const expiresAt = resolveExpiry(options, context.terminal.now())
  await printIssuedSecret(context, {
    request: ({ client }) =>
      client.oauthApps.secrets.create(clientId, { name, ...(expiresAt !== undefined && { expiresAt }) }),
    secretOf: ({ clientSecret }) => clientSecret,
    view: ISSUED,
  })
  noteEndOfDay(context.output, options)
  context.output.note('Keep the secret now: it is not shown again.')
}

export async function listSecrets(context: CommandContext, clientId: string): Promise<void> {
  const { secrets } = await withApi(context, ({ client }) => client.oauthApps.get(clientId))
  await context.output.list(secrets, LISTED, 'The app has no secrets.')
}

export async function deleteSecret(
  context: CommandContext,
  clientId: string,
  secretId: string,
  options: Confirmation,
): Promise<void> {
  await requireConfirmation(
    context.terminal,
    `Delete the secret ${secretId} of ${clientId}? Programs that use it stop working.`,
    options,
  )
  await withApi(context, ({ client }) => client.oauthApps.secrets.delete(clientId, secretId))
  context.output.note(`The secret ${secretId} is deleted.`)
}
