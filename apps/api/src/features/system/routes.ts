import { boundedList } from '@daytona-auth/service'
import type * as z from 'zod'
import type { Routes } from '../../http/routes.ts'
import { LOCAL_REGION } from '../sandbox/region.ts'
import { Configuration, ProtectedResource, Region } from './schema.ts'

export interface SystemOptions {
  readonly version: string
  readonly issuer: string
  /** What access tokens are for. */
  readonly audience: string
  readonly toolboxProxyUrl: string
}

export const PROTECTED_RESOURCE_PATH = '/.well-known/oauth-protected-resource'

const config = { access: 'public', organization: 'none' } as const

/** What clients read before they have a credential. */
export const systemRoutes: Routes<SystemOptions> = (app, options) => {
  const configuration = configurationOf(options)
  const protectedResource: z.output<typeof ProtectedResource> = {
    resource: options.audience,
    authorization_servers: [options.issuer],
    // Clients of the Model Context Protocol ask for all that is listed: a permission is named by the 403 that lacks it.
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    bearer_methods_supported: ['header'],
    resource_name: 'Daytona API',
  }

  app.get(
    '/config',
    {
      config,
      schema: {
        operationId: 'configControllerGetConfig',
        tags: ['System'],
        summary: 'What a CLI or a dashboard needs to start',
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
        summary: 'Where sandboxes can be',
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
        summary: 'Which tokens this API takes (RFC 9728)',
        response: { 200: ProtectedResource },
      },
    },
    (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300').send(protectedResource)
    },
  )
}

/** Stock clients choose among these before they have a credential. It was never made, so it has no age. */
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

/** Members about the hosted platform are there for stock clients, which require them: empty, or how it is here. */
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
