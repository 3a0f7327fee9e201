import * as z from 'zod'
import { Instant } from '../../http/schemas.ts'

export const Configuration = z
  .object({
    version: z.string(),
    oidc: z.object({
      provider: z.literal('daytona'),
      issuer: z.string(),
      clientId: z.string().describe('The client id of the dashboard'),
      audience: z.string(),
      cli: z.object({ issuer: z.string(), clientId: z.string() }),
    }),
    linkedAccountsEnabled: z.boolean(),
    announcements: z.record(z.string(), z.object({ text: z.string(), learnMoreUrl: z.string().optional() })),
    proxyTemplateUrl: z.string(),
    proxyToolboxUrl: z.string(),
    defaultSnapshot: z.string(),
    dashboardUrl: z.string(),
    maxAutoArchiveInterval: z.number(),
    maintananceMode: z.boolean(),
    environment: z.string(),
  })
  .meta({ id: 'DaytonaConfiguration' })

export const Region = z
  .object({
    id: z.string(),
    name: z.string(),
    organizationId: z.string().nullable(),
    regionType: z.literal('shared'),
    createdAt: Instant,
    updatedAt: Instant,
    proxyUrl: z.string().nullable(),
    sshGatewayUrl: z.string().nullable(),
    snapshotManagerUrl: z.string().nullable(),
    otelEndpoint: z.string().nullable(),
  })
  .meta({ id: 'Region' })

/** RFC 9728 section 2. */
export const ProtectedResource = z
  .object({
    resource: z.string(),
    authorization_servers: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    bearer_methods_supported: z.array(z.literal('header')),
    dpop_signing_alg_values_supported: z.array(z.string()),
    resource_name: z.string(),
  })
  .meta({ id: 'ProtectedResourceMetadata' })
