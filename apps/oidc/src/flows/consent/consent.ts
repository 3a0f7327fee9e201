import { isPermission } from '@daytona-auth/auth'
import {
  type Account,
  type AuditEntry,
  type Database,
  inAudit,
  type OrganizationId,
  organizationsOf,
  saveConsent,
} from '@daytona-auth/db'
import { Refusal } from '@daytona-auth/service'
import type { OpenInteraction } from '../interaction/open.ts'
import { stepAuthority } from '../interaction/step-authority.ts'
import type { PageAnswer } from './page-answer.ts'
import { asksForPermissions } from './scopes.ts'

/** A consent page as it was sent back. */
export interface AnsweredPage {
  readonly account: Account
  /** The browser session in which it was answered. */
  readonly sessionUid: string
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
 * Remembers that the app was allowed what it asked for, and returns the answer that the grant of this authorization is
 * made from. `undefined` when no organization was chosen where one must be.
 * @throws Refusal 400 when one of the chosen is not the user's
 */
export async function allow(database: Database, answer: AnsweredPage): Promise<PageAnswer | undefined> {
  const { account, sessionUid, interaction } = answer
  const { scopes, clientId, client } = interaction
  const { userId } = account
  const chooses = choosesOrganizations(interaction)
  if (chooses && answer.chosen.length === 0) return undefined

  const organizationIds = await inAudit<OrganizationId[]>(
    database,
    // Compared with memberships, whatever the browser has sent.
    authorityOf(answer, chooses ? (answer.chosen as OrganizationId[]) : []),
    (chosen) => entry(answer, 'consent.allow', { scopes, organizationIds: chosen }),
    async (tx) => {
      const chosen = chooses ? await ownOf(tx, answer) : []
      await saveConsent(tx, {
        userId,
        clientId,
        organizationIds: chosen,
        // A first-party program acts in all organizations.
        scopes: client.firstParty ? scopes : scopes.filter((scope) => !isPermission(scope)),
        permissions: client.firstParty ? [] : scopes.filter(isPermission),
      })
      return chosen
    },
  )
  return { userId, sessionUid, scopes, organizationIds }
}

export const deny = (database: Database, answer: AnsweredPage): Promise<void> =>
  inAudit(
    database,
    authorityOf(answer),
    entry(answer, 'consent.deny', { scopes: answer.interaction.scopes }),
    async () => {},
  )

/** The page speaks for this user, in this session, about this client. */
const authorityOf = ({ account, sessionUid, interaction }: AnsweredPage, organizationIds: OrganizationId[] = []) =>
  stepAuthority('consent page', {
    userId: account.userId,
    sessionUid,
    clientId: interaction.clientId,
    organizationIds,
  })

/** The chosen organizations, all of which the user must be a member of now. */
async function ownOf(
  tx: Parameters<typeof organizationsOf>[0],
  { account, chosen }: AnsweredPage,
): Promise<OrganizationId[]> {
  const own = new Map((await organizationsOf(tx, account.userId)).map(({ id }) => [String(id), id]))
  return [...new Set(chosen)].map((text) => {
    const id = own.get(text)
    if (!id) throw new Refusal(400, 'Organization is not yours', { cause: 'organization outside membership chosen' })
    return id
  })
}

const entry = (
  { account, interaction, address, userAgent }: AnsweredPage,
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
