import type { AppAccessPolicy, AppDecision as Decision } from '@daytona-auth/protocol/app-access'
import type { AppDecision, AppRequest } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { instantCell, type View } from '../../view.ts'

const DECISIONS: View<AppDecision> = {
  columns: [
    ['App', ({ name }) => name],
    ['ID', ({ clientId }) => clientId, { isWhole: true }],
    ['Decision', ({ decision }) => decision],
    ['Changed', ({ updatedAt }) => instantCell(updatedAt)],
  ],
  value: ({ clientId }) => clientId,
}

const REQUESTS: View<AppRequest> = {
  columns: [
    ['App', ({ name }) => name],
    ['ID', ({ clientId }) => clientId, { isWhole: true }],
    ['Members', ({ members }) => String(members)],
    ['First by', ({ requesters }) => requesters[0]?.email ?? ''],
    ['Requested', ({ requestedAt }) => instantCell(requestedAt)],
  ],
  value: ({ clientId }) => clientId,
}

export async function listAppDecisions(context: CommandContext): Promise<void> {
  const decisions = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.appAccess.list(await organizationId()),
  )
  await context.output.list(decisions, DECISIONS, 'There are no decisions about apps.')
}

export async function listAppRequests(context: CommandContext): Promise<void> {
  const requests = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.appAccess.requests(await organizationId()),
  )
  await context.output.list(requests, REQUESTS, 'There are no requests.')
}

export async function decideAboutApp(context: CommandContext, clientId: string, decision: Decision): Promise<void> {
  const made = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.appAccess.set(await organizationId(), clientId, { decision }),
  )
  await context.output.item(made, DECISIONS)
}

export async function blockApp(context: CommandContext, clientId: string, options: Confirmation): Promise<void> {
  const question = `Block ${clientId}? The app and its API keys lose access to the organization at once.`
  await requireConfirmation(context.terminal, question, options)
  await decideAboutApp(context, clientId, 'blocked')
}

export async function deleteAppDecision(context: CommandContext, clientId: string): Promise<void> {
  await withApi(context, async ({ client, organizationId }) =>
    client.organizations.appAccess.delete(await organizationId(), clientId),
  )
  context.output.note(`The decision about ${clientId} is deleted.`)
}

export async function declineAppRequests(context: CommandContext, clientId: string): Promise<void> {
  await withApi(context, async ({ client, organizationId }) =>
    client.organizations.appAccess.decline(await organizationId(), clientId),
  )
  context.output.note(`The requests for ${clientId} are declined.`)
}

/** Sets the policy, after a confirmation that states what loses access. */
export async function setAppAccessPolicy(
  context: CommandContext,
  appAccess: AppAccessPolicy,
  options: Confirmation,
): Promise<void> {
  const { appCount, memberCount } = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.appAccess.preview(await organizationId(), { appAccess }),
  )
  if (appCount > 0) {
    const question = `Set the policy to ${appAccess}? Apps that lose access: ${appCount}. Members who use them: ${memberCount}.`
    await requireConfirmation(context.terminal, question, options)
  }
  await withApi(context, async ({ client, organizationId }) =>
    client.organizations.update(await organizationId(), { appAccess }),
  )
  context.output.note(`The policy is ${appAccess}.`)
}
