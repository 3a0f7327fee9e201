import { randomUUID } from 'node:crypto'
import { mailLanguage } from '@daytona-auth/accounts/language/language'
import { composeMail } from '@daytona-auth/accounts/mail/compose-mail'
import { quotedName } from '@daytona-auth/accounts/shown-name'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  type InsertedAppRequest,
  insertAppRequest,
  listDenyingOrganizations,
  listOwnerRecipients,
} from '@daytona-auth/db/clients'
import type { OrganizationId } from '@daytona-auth/db/core'
import { findOrganization } from '@daytona-auth/db/organizations'
import { Denial, type Mail } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import { dashboardUrl } from '../../pages/dashboard-url.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { GONE } from '../interaction/page-errors.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import type { AnsweredPage } from './consent.ts'

type Approvals = Pick<InteractionContext, 'context' | 'limits' | 'runAfterResponse'>

/**
 * Stores the request of the page's user that an organization approve the app. The owners get a mail after the response, if it is
 * the first one for the app.
 * @throws Denial 400 if the user is not a member of the organization, or it allows the app or has blocked it
 */
export async function requestApproval(
  interactionContext: Approvals,
  page: Omit<AnsweredPage, 'chosen' | 'scopes'>,
  /** The browser's input, which the transaction compares with the memberships. */
  text: string,
  log: Pick<FastifyBaseLogger, 'warn'>,
): Promise<InsertedAppRequest> {
  const { context, runAfterResponse } = interactionContext
  const { account, sessionUid, interaction, address, userAgent } = page
  const { clientId, client } = interaction
  const organizationId = text as OrganizationId
  const entry = auditEntry('oauth_app.request_approval', {
    organizationId,
    actorId: account.userId,
    actorEmail: account.email,
    targetId: clientId,
    statusCode: 200,
    ipAddress: address,
    userAgent,
    source: 'provider',
    metadata: { name: client.name },
  })
  const stored = await inAudit<InsertedAppRequest>(
    context.database,
    stepAuthority('consent page', { userId: account.userId, sessionUid, clientId, organizationIds: [organizationId] }),
    (done) => (done === 'first' || done === 'further' ? entry : []),
    async (tx) => {
      const denying = await listDenyingOrganizations(tx, account.userId, clientId)
      if (!denying.some(({ id, isBlocked }) => id === organizationId && !isBlocked)) {
        throw new Denial(400, GONE, { cause: 'approval of an organization that does not wait for one' })
      }
      return insertAppRequest(tx, { organizationId, userId: account.userId, clientId })
    },
  )
  if (stored === 'first') runAfterResponse(() => mailOwners(interactionContext, page, organizationId, log))
  return stored
}

/**
 * Mails a stored request to the owners, in the language of each account, within the limits of the member and of the organization in
 * a day: one who registers and deletes apps can neither flood them nor use up the mails of others. A mail that failed or is over a
 * limit is not repeated: the request stays listed.
 */
async function mailOwners(
  { context, limits }: Approvals,
  page: Omit<AnsweredPage, 'chosen' | 'scopes'>,
  organizationId: OrganizationId,
  log: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  const { database, mailer, mailsIn, config } = context
  if (!mailer) return
  try {
    if ((await limits.appRequestMail(organizationId, page.account.userId)) !== undefined) return
    const organization = await findOrganization(database, organizationId)
    if (!organization) return
    for (const { email, language } of await listOwnerRecipients(database, organizationId)) {
      const translation = mailsIn(mailLanguage(language, page.language))
      await mailer.send(
        mailOf(email, page, { id: organizationId, name: organization.name, issuer: config.ISSUER, translation }),
      )
    }
  } catch (error) {
    log.warn({ err: error, organizationId }, 'mail failed')
  }
}

function mailOf(
  to: string,
  { account, interaction: { client, clientId } }: Omit<AnsweredPage, 'chosen' | 'scopes'>,
  organization: {
    readonly id: OrganizationId
    readonly name: string
    readonly issuer: string
    readonly translation: ReturnType<InteractionContext['context']['mailsIn']>
  },
): Mail {
  const app = quotedName(client.name)
  return composeMail({
    kind: 'app-request',
    reference: `${organization.id} ${clientId} ${to} ${randomUUID()}`,
    to,
    translation: organization.translation,
    subject: { sentence: '{member} requests the app {app} on {brand}', values: { member: account.email, app } },
    parts: [
      {
        sentence:
          '{member} wants to use the app {app} in the organization {organization}, which does not allow it yet.',
        values: { member: account.email, app, organization: quotedName(organization.name) },
      },
      'Only approve it if you trust the makers of the app: members can then give it access to the organization, within their own permissions.',
      {
        label: 'Approve or decline the app',
        href: `${dashboardUrl(organization.issuer)}/o/${organization.id}/settings?tab=app-access`,
      },
    ],
  })
}
