import {
  type Account,
  type AuditEntry,
  type Database,
  findConsent,
  inAudit,
  type OrganizationId,
  organizationsOf,
  PROVIDER_STEP,
  recordAudit,
  rememberConsent,
} from '@daytona-auth/db'
import { Refusal } from '@daytona-auth/service'
import type { OpenInteraction } from '../interaction/open.ts'
import { asksForPermissions } from './scopes.ts'

export interface ConsentAnswer {
  readonly account: Account
  readonly interaction: OpenInteraction
  /** As sent by the browser: anything. */
  readonly chosen: readonly string[]
  readonly address: string
  readonly userAgent: string | null
}

/** Whether the person chooses organizations: not for our own programs, which act in all, nor for identity alone. */
export const choosesOrganizations = ({ client, scopes }: OpenInteraction): boolean =>
  !client.firstParty && asksForPermissions(scopes)

/**
 * Remembers that the app was allowed what it asked for; the provider copies it into a grant for this authorization.
 * False when no organization was chosen where one must be.
 * @throws Refusal 400 when one of the chosen is not the user's
 */
export async function allow(database: Database, answer: ConsentAnswer): Promise<boolean> {
  const { account, interaction } = answer
  const chooses = choosesOrganizations(interaction)
  if (chooses && answer.chosen.length === 0) return false

  await inAudit(
    database,
    PROVIDER_STEP,
    (organizationIds) => entry(answer, 'consent.allow', { scopes: interaction.scopes, organizationIds }),
    async (tx) => {
      const organizationIds = chooses
        ? await ownOf(tx, answer)
        : // Identity alone says nothing about organizations: an earlier choice stays.
          ((await findConsent(tx, account.userId, interaction.clientId))?.organizationIds ?? [])
      await rememberConsent(tx, {
        userId: account.userId,
        clientId: interaction.clientId,
        requested: interaction.scopes,
        granted: interaction.scopes,
        organizationIds,
      })
      return organizationIds
    },
  )
  return true
}

export const deny = (database: Database, answer: ConsentAnswer): Promise<void> =>
  recordAudit(database, entry(answer, 'consent.deny', { scopes: answer.interaction.scopes }))

/** The chosen organizations, all of which the user must be a member of now. */
async function ownOf(
  tx: Parameters<typeof organizationsOf>[0],
  { account, chosen }: ConsentAnswer,
): Promise<OrganizationId[]> {
  const own = new Map((await organizationsOf(tx, account.userId)).map(({ id }) => [String(id), id]))
  return [...new Set(chosen)].map((text) => {
    const id = own.get(text)
    if (!id) throw new Refusal(400, 'Organization is not yours', { cause: 'organization outside membership chosen' })
    return id
  })
}

const entry = (
  { account, interaction, address, userAgent }: ConsentAnswer,
  action: 'consent.allow' | 'consent.deny',
  metadata: Record<string, unknown>,
): AuditEntry => ({
  organizationId: account.personalOrganizationId,
  actorId: account.userId,
  actorEmail: account.email,
  action,
  targetType: 'oauth_app',
  targetId: interaction.clientId,
  statusCode: 200,
  ipAddress: address,
  userAgent,
  source: 'provider',
  metadata: {
    clientName: interaction.client.name,
    ...(interaction.device && { device: interaction.device }),
    ...metadata,
  },
})
