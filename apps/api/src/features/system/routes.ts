import { identityScopeNames } from '@daytona-auth/protocol/scopes'
import { PROOF_ALGORITHMS } from '@daytona-auth/protocol/token-proof'
import { boundedList } from '@daytona-auth/service'
import type * as z from 'zod'
import type { Routes } from '../../http/routes.ts'
import { LOCAL_REGION } from '../sandbox/region.ts'
import { Configuration, ProtectedResource, Region } from './schema.ts'

export interface SystemOptions {
  readonly version: string
  readonly issuer: string
  /** The `aud` of access tokens. */
  readonly audience: string
  readonly toolboxProxyUrl: string
}

export const PROTECTED_RESOURCE_PATH = '/.well-known/oauth-protected-resource'

const config = { access: 'public', organization: 'none' } as const

/** Adds the routes that clients read before they have a credential. */
export const systemRoutes: Routes<SystemOptions> = (app, options) => {
  const configuration = configurationOf(options)
  const protectedResource: z.output<typeof ProtectedResource> = {
    resource: options.audience,
    authorization_servers: [options.issuer],
    // Model Context Protocol clients request every listed scope. Permissions are omitted: a 403 names the missing one.
    scopes_supported: [...identityScopeNames()],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: [...PROOF_ALGORITHMS],
    resource_name: 'Daytona API',
  }

  app.get(
    '/config',
    {
      config,
      schema: {
        operationId: 'configControllerGetConfig',
        tags: ['System'],
        summary: 'Get the configuration for the CLI and the dashboard',
        response: { 200: Configuration },
      },
    },
    (_request, reply) => {
      reply.send(configuration)
    },
  )

  app.get(
    '/shared-regions',
    {
      config,
      schema: {
        operationId: 'listSharedRegions',
        tags: ['System'],
        summary: 'List the regions of sandboxes',
        response: { 200: boundedList(Region, { max: 1 }) },
      },
    },
    (_request, reply) => {
      reply.send(REGIONS)
    },
  )

  app.get(
    PROTECTED_RESOURCE_PATH,
    {
      config,
      schema: {
        operationId: 'getProtectedResourceMetadata',
        tags: ['System'],
        summary: 'Get the protected resource metadata (RFC 9728)',
        response: { 200: ProtectedResource },
      },
    },
    (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300').send(protectedResource)
    },
  )
}

/** Stock clients choose among these before they have a credential. The dates of the built-in region are the epoch. */
const REGIONS: z.output<typeof Region>[] = [
  {
    id: LOCAL_REGION,
    name: LOCAL_REGION,
    organizationId: null,
    regionType: 'shared',
    createdAt: new Date(0).toISOString(),
    updatedAt: new Date(0).toISOString(),
    proxyUrl: null,
    sshGatewayUrl: null,
    snapshotManagerUrl: null,
    otelEndpoint: null,
  },
]

/** Creates the configuration. Stock clients require its members for the hosted platform, which are mostly empty here. */
function configurationOf({
  version,
  issuer,
  audience,
  toolboxProxyUrl,
}: SystemOptions): z.output<typeof Configuration> {
  return {
    version,
    oidc: {
      provider: 'daytona',
      issuer,
      clientId: 'daytona-dashboard',
      audience,
      cli: { issuer, clientId: 'daytona-cli' },
    },
    linkedAccountsEnabled: false,
    announcements: {},
    proxyTemplateUrl: '',
    proxyToolboxUrl: toolboxProxyUrl,
    defaultSnapshot: '',
    dashboardUrl: `${issuer}/dashboard`,
    maxAutoArchiveInterval: 43_200, // minutes: 30 days
    maintananceMode: false,
    environment: 'self-hosted',
  }
}
