import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import type { Routes } from '../../http/routes.ts'
import { OrganizationPath } from '../organizations/schema.ts'
import {
  IdentityProvider,
  identityProviderToWire,
  SetIdentityProvider,
  UpdateIdentityProvider,
} from './identity-provider-schema.ts'
import {
  getIdentityProvider,
  type IdentityProviderDependencies,
  removeIdentityProvider,
  setIdentityProvider,
  updateIdentityProvider,
} from './identity-providers.ts'

const tags = ['Single sign-on']

const read = { access: 'admin:organization', organization: 'path' } as const
const change = { access: 'person', organization: 'path' } as const

/** The test of a provider, with the look-ups of its names. */
const TEST_MS = 10_000

export const identityProviderRoutes: Routes<IdentityProviderDependencies> = (app, dependencies) => {
  app.get(
    '/organizations/:organizationId/identity-provider',
    {
      config: read,
      schema: {
        operationId: 'getIdentityProvider',
        tags,
        summary: 'Get the identity provider',
        description: 'Its client secret is never returned.',
        params: OrganizationPath,
        response: { 200: IdentityProvider },
      },
    },
    async (request) =>
      identityProviderToWire(await getIdentityProvider(dependencies, callerIn(request)), dependencies.issuer),
  )

  app.put(
    '/organizations/:organizationId/identity-provider',
    {
      config: change,
      handlerTimeout: TEST_MS,
      schema: {
        operationId: 'setIdentityProvider',
        tags,
        summary: 'Set the identity provider',
        description:
          'The OpenID provider with which addresses in the verified domains of the organization sign in. It is tested first: its configuration, its keys, and the client. Register `<issuer>/oauth/upstream/{organizationId}/callback` there as the redirect URI, and `<issuer>/oauth/upstream/{organizationId}/backchannel-logout` for logout tokens. Requires an owner who signed in to the dashboard or the CLI in the last 15 minutes.',
        params: OrganizationPath,
        body: SetIdentityProvider,
        response: { 200: IdentityProvider, ...errors(409) },
      },
    },
    async (request) =>
      identityProviderToWire(
        await setIdentityProvider(dependencies, callerIn(request), request.body),
        dependencies.issuer,
      ),
  )

  app.patch(
    '/organizations/:organizationId/identity-provider',
    {
      config: change,
      schema: {
        operationId: 'updateIdentityProvider',
        tags,
        summary: 'Require the identity provider',
        description:
          'With `required`, accounts whose address is in a verified domain of the organization sign in only with its identity provider: passwords, passkeys and other providers are refused. Sessions and tokens of other sign-ins end: sessions at their next use, access tokens when they expire. Owners with a second factor of their own keep their way in, so that a broken provider does not lock the organization out. API keys continue to work. The rule has no effect without a verified domain, and ends with the identity provider. Requires an owner who signed in to the dashboard or the CLI in the last 15 minutes.',
        params: OrganizationPath,
        body: UpdateIdentityProvider,
        response: { 200: IdentityProvider, ...errors(409) },
      },
    },
    async (request) =>
      identityProviderToWire(
        await updateIdentityProvider(dependencies, callerIn(request), request.body.signIn),
        dependencies.issuer,
      ),
  )

  app.delete(
    '/organizations/:organizationId/identity-provider',
    {
      config: change,
      schema: {
        operationId: 'deleteIdentityProvider',
        tags,
        summary: 'Remove the identity provider',
        description: 'Requires an owner who signed in to the dashboard or the CLI in the last 15 minutes.',
        params: OrganizationPath,
        response: { 204: z.null().describe('People no longer sign in with it') },
      },
    },
    async (request, reply) => {
      await removeIdentityProvider(dependencies, callerIn(request))
      return reply.code(204).send(null)
    },
  )
}
