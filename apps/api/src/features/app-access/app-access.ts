import type { Language } from '@daytona-auth/accounts/language/language'
import { type Change, insufficientScope, permits } from '@daytona-auth/auth'
import { type AuditEntry, type AuditedTx, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  type AppDecisionRow,
  countAppDecisions,
  deleteAppDecision,
  lockDecidableApp,
  type MailRecipient,
  setAppDecision,
  settleAppRequests,
} from '@daytona-auth/db/clients'
import type { Database } from '@daytona-auth/db/core'
import type { AppDecision } from '@daytona-auth/protocol/app-access'
import { ADMINISTRATION } from '@daytona-auth/protocol/scopes'
import { notFound } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { counted, limitReached } from '../../limits/creation-limits.ts'
import { lockCallerOrganization } from '../organizations/authority.ts'
import { type AnswerDependencies, mailAnswer } from './answer-mail.ts'

export interface AppAccessDependencies extends AnswerDependencies {
  readonly database: Database
  /** Invalidates cached verifications in this process that depend on the changed row. */
  readonly invalidate: (change: Change) => void
}

/** Decisions of one organization. */
const MAX_DECISIONS = 500

/** The answered requests of members, by a change that was committed. */
interface Answered {
  readonly organizationName: string
  readonly appName: string
  readonly recipients: readonly MailRecipient[]
}

/**
 * Approves or blocks an app for the caller's organization, which answers the requests for it. A block ends the app's access
 * there, with the keys that were made with it, from the next request on.
 * @throws Denial 403 unless an administrator acts in person, 404 for an unknown app, a first-party one and an own one, 409 at
 *   the limit
 */
export async function decideAboutApp(
  dependencies: AppAccessDependencies,
  caller: CallerInOrganization,
  {
    clientId,
    decision,
    language,
  }: { readonly clientId: string; readonly decision: AppDecision; readonly language: Language },
): Promise<AppDecisionRow> {
  const { organizationId } = caller.organization
  const { row, before, answered } = await inAudit<
    { row: AppDecisionRow; before: AppDecision | null; members: number; answered: Answered },
    CallerInOrganization
  >(
    dependencies.database,
    caller.authority('administer'),
    ({ row, before, members }) =>
      entryOf(caller, decision === 'approved' ? 'oauth_app.approve' : 'oauth_app.block', clientId, 200, {
        name: row.name,
        ...(before !== null && { before }),
        ...(members > 0 && { requests: members }),
      }),
    async (tx, confirmed) => {
      const organizationName = await lockForAdministrator(tx, confirmed)
      const app = await lockDecidableApp(tx, organizationId, clientId)
      if (!app) throw notFound('OAuth app')
      const decidedBy = confirmed.principal.userId
      const { before, ...times } = await setAppDecision(tx, organizationId, { clientId, decision, decidedBy })
      if (before === null && (await countAppDecisions(tx, organizationId)) > MAX_DECISIONS) {
        throw limitReached(`${counted(MAX_DECISIONS, 'decision')} per organization`, 'delete one first')
      }
      const { members, recipients } = await settleAppRequests(tx, organizationId, clientId)
      return {
        row: { clientId, ...app, decision, decidedBy, ...times },
        before,
        members,
        answered: { organizationName, appName: app.name, recipients },
      }
    },
  )
  if (before !== decision) dependencies.invalidate({ kind: 'organization', id: organizationId })
  mailAnswer(dependencies, { ...answered, isApproved: decision === 'approved', language })
  return row
}

/**
 * Deletes the decision of the caller's organization about an app: its policy applies again.
 * @throws Denial 403 unless an administrator acts in person, 404
 */
export async function removeAppDecision(
  { database, invalidate }: AppAccessDependencies,
  caller: CallerInOrganization,
  clientId: string,
): Promise<void> {
  const { organizationId } = caller.organization
  await inAudit<AppDecision, CallerInOrganization>(
    database,
    caller.authority('administer'),
    (before) => entryOf(caller, 'oauth_app.delete_decision', clientId, 204, { before }),
    async (tx, confirmed) => {
      await lockForAdministrator(tx, confirmed)
      const deleted = await deleteAppDecision(tx, organizationId, clientId)
      if (!deleted) throw notFound('App decision')
      return deleted.decision
    },
  )
  invalidate({ kind: 'organization', id: organizationId })
}

/**
 * Declines the requests of members to approve an app, without a decision about it.
 * @throws Denial 403 unless an administrator acts in person, 404 without a request
 */
export async function declineAppRequests(
  dependencies: AppAccessDependencies,
  caller: CallerInOrganization,
  { clientId, language }: { readonly clientId: string; readonly language: Language },
): Promise<void> {
  const { organizationId } = caller.organization
  const { answered } = await inAudit<{ members: number; answered: Answered }, CallerInOrganization>(
    dependencies.database,
    caller.authority('administer'),
    ({ members }) => entryOf(caller, 'oauth_app.decline_requests', clientId, 204, { requests: members }),
    async (tx, confirmed) => {
      const organizationName = await lockForAdministrator(tx, confirmed)
      const app = await lockDecidableApp(tx, organizationId, clientId)
      const { members, recipients } = await settleAppRequests(tx, organizationId, clientId)
      if (!app || members === 0) throw notFound('App request')
      return { members, answered: { organizationName, appName: app.name, recipients } }
    },
  )
  mailAnswer(dependencies, { ...answered, isApproved: false, language })
}

/**
 * Locks the caller's organization and returns its name. The route requires a person: no app and no key decides about apps.
 * @throws Denial 403 for a member without `admin:organization`
 */
async function lockForAdministrator(tx: AuditedTx, caller: CallerInOrganization): Promise<string> {
  const { organization } = await lockCallerOrganization(tx, caller)
  if (!permits(caller.organization.permissions, ADMINISTRATION)) throw insufficientScope(ADMINISTRATION)
  return organization.name
}

type Action = 'oauth_app.approve' | 'oauth_app.block' | 'oauth_app.delete_decision' | 'oauth_app.decline_requests'

const entryOf = <Taken extends Action>(
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: Taken,
  targetId: string,
  statusCode: number,
  metadata: AuditMetadata<Taken>,
): AuditEntry => auditEntry(action, { ...actor, organizationId, targetId, statusCode, metadata })
