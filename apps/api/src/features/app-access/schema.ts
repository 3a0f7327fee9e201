import {
  type AppAccessPreview,
  type AppDecisionRow,
  type AppRequestRow,
  MAX_PREVIEWED_APPS,
  MAX_REQUESTERS,
} from '@daytona-auth/db/clients'
import { APP_DECISIONS } from '@daytona-auth/protocol/app-access'
import { closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenClientId, Instant, instant } from '../../http/schemas.ts'
import { AppAccess, OrganizationPath } from '../organizations/schema.ts'

export const AppPath = OrganizationPath.extend({ clientId: GivenClientId })

export const SetAppDecision = closedObject({
  decision: z.enum(APP_DECISIONS).describe('`blocked`: the app has no access to the organization, under any policy'),
}).meta({ id: 'SetAppDecision' })

const app = {
  clientId: z.string(),
  name: z.string(),
  homepageUri: z.string().nullable(),
}

export const OrganizationAppDecision = z
  .object({
    ...app,
    decision: z.enum(APP_DECISIONS).describe('What the organization decided about the app'),
    decidedBy: z.string().nullable().describe('Id of the user who decided. `null`: that account was deleted'),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'AppDecision' })

export const OrganizationAppRequest = z
  .object({
    ...app,
    members: z.int().describe('The number of members who requested its approval'),
    requesters: z
      .array(z.object({ userId: z.string(), name: z.string(), email: z.string() }))
      .max(MAX_REQUESTERS)
      .describe('The first of them'),
    requestedAt: Instant.describe('When the first of them asked. A request ends after 30 days'),
  })
  .meta({ id: 'AppRequest' })

export const PreviewQuery = z.object({ appAccess: AppAccess })

export const AppAccessPreviewed = z
  .object({
    appCount: z.int().describe('The number of apps in use that would lose access'),
    memberCount: z.int().describe('The number of members who use one of them'),
    apps: z
      .array(z.object({ ...app, members: z.int().describe('The number of members who use it') }))
      .max(MAX_PREVIEWED_APPS)
      .describe('Those with the most members'),
  })
  .meta({ id: 'AppAccessPreview' })

export const decisionToWire = (row: AppDecisionRow): z.output<typeof OrganizationAppDecision> => ({
  clientId: row.clientId,
  name: row.name,
  homepageUri: row.homepageUri,
  decision: row.decision,
  decidedBy: row.decidedBy,
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
})

export const requestToWire = (row: AppRequestRow): z.output<typeof OrganizationAppRequest> => ({
  clientId: row.clientId,
  name: row.name,
  homepageUri: row.homepageUri,
  members: row.members,
  requesters: row.requesters.map(({ userId, name, email }) => ({ userId, name, email })),
  requestedAt: instant(new Date(row.requestedAt)),
})

export const previewToWire = ({
  appCount,
  memberCount,
  apps,
}: AppAccessPreview): z.output<typeof AppAccessPreviewed> => ({
  appCount,
  memberCount,
  apps: [...apps],
})
