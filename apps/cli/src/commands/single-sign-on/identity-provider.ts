import type { IdentityProvider } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { type Confirmation, readSecret, requireConfirmation } from '../../prompts.ts'
import { instantCell, type View } from '../../view.ts'

export interface SetIdentityProviderOptions {
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  readonly scopes?: string[] | undefined
  readonly keepSecret?: true | undefined
}

const VIEW: View<IdentityProvider> = {
  columns: [
    ['Name', ({ name }) => name],
    ['Issuer', ({ issuer }) => issuer],
    ['Client ID', ({ clientId }) => clientId],
    ['Scopes', ({ scopes }) => scopes],
    ['Sign-in', ({ signIn }) => signIn],
    ['Redirect URI', ({ redirectUri }) => redirectUri, { isWhole: true }],
    ['Back-channel logout URI', ({ backchannelLogoutUri }) => backchannelLogoutUri, { isWhole: true }],
    ['Updated', ({ updatedAt }) => instantCell(updatedAt)],
  ],
  value: ({ issuer }) => issuer,
}

export async function getIdentityProvider(context: CommandContext): Promise<void> {
  const provider = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.identityProvider.get(await organizationId()),
  )
  await context.output.item(provider, VIEW)
}

/** Sets the identity provider. The secret is no option: other programs can read command lines. */
export async function setIdentityProvider(
  context: CommandContext,
  { name, issuer, clientId, scopes, keepSecret }: SetIdentityProviderOptions,
): Promise<void> {
  const clientSecret = keepSecret ? undefined : await readSecret(context.terminal, 'Client secret:')
  const provider = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.identityProvider.set(await organizationId(), {
      name,
      issuer,
      clientId,
      ...(clientSecret !== undefined && { clientSecret }),
      ...(scopes !== undefined && { scopes }),
    }),
  )
  await context.output.item(provider, VIEW)
}

/** Requires the identity provider, after a confirmation, or no longer. */
export async function updateIdentityProvider(
  context: CommandContext,
  { signIn, ...confirmation }: Confirmation & { readonly signIn: 'optional' | 'required' },
): Promise<void> {
  if (signIn === 'required') await requireConfirmation(context.terminal, REQUIRE, confirmation)
  const provider = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.identityProvider.update(await organizationId(), { signIn }),
  )
  await context.output.item(provider, VIEW)
}

const REQUIRE =
  'Require the identity provider? Addresses in your domains then sign in with it only, and what they signed in to otherwise ends. API keys and owners with a second factor are not affected.'

export async function deleteIdentityProvider(context: CommandContext, options: Confirmation): Promise<void> {
  await requireConfirmation(
    context.terminal,
    'Remove the identity provider? People no longer sign in with it.',
    options,
  )
  await withApi(context, async ({ client, organizationId }) =>
    client.organizations.identityProvider.delete(await organizationId()),
  )
  context.output.note('The identity provider is removed.')
}
