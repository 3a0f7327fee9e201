import type { Language } from '@daytona-auth/accounts/language/language'
import { isPermission } from '@daytona-auth/auth'
import { type AuditEntry, type AuditMetadata, auditEntry, inAudit } from '@daytona-auth/db/audit'
import { listDenyingOrganizations } from '@daytona-auth/db/clients'
import type { Database, OrganizationId } from '@daytona-auth/db/core'
import { saveConsent } from '@daytona-auth/db/grants'
import { type Account, listUserOrganizations } from '@daytona-auth/db/users'
import { ACR, satisfiesAcr } from '@daytona-auth/protocol/authentication-context'
import { isIdentityScope } from '@daytona-auth/protocol/scopes'
import { Denial } from '@daytona-auth/service'
import type { PageAnswer } from '../../provider/storage/page-answer.ts'
import type { OpenInteraction } from '../interaction/open.ts'
import { stepAuthority } from '../interaction/step-authority.ts'

/** A submitted consent page. */
export interface AnsweredPage {
  readonly account: Account
  /** The browser session in which it was answered. */
  readonly sessionUid: string
  readonly interaction: OpenInteraction
  /** The browser's input, not verified. */
  readonly chosen: readonly string[]
  /** The requested scopes that the user left in. */
  readonly scopes: readonly string[]
  readonly address: string
  readonly userAgent: string | null
  /** Of the page, and of mails about it. */
  readonly language: Language
}

/** Whether the user chooses organizations: not for our own apps, which act in all, nor for identity scopes or another API. */
export const choosesOrganizations = ({
  client,
  scopes,
  resource,
}: Pick<OpenInteraction, 'client' | 'scopes' | 'resource'>): boolean =>
  resource === undefined && !client.firstParty && scopes.some(isPermission)

/** Whether an organization refuses the sign-in of the browser's session: its members need a second factor. */
export const lacksSecondFactor = (
  { requireSecondFactor }: { readonly requireSecondFactor: boolean },
  { viewer }: Pick<OpenInteraction, 'viewer'>,
): boolean => requireSecondFactor && !satisfiesAcr(viewer?.acr, [ACR.trustedBrowser])

/**
 * Records that the user allowed the requested access, and returns the answer from which this authorization's grant is
 * made. `undefined` if a required organization was not chosen.
 * @throws Denial 400 if the user is not a member of a chosen organization, or signed in too weakly for it, or it denies the app
 */
export async function allowAccess(database: Database, answer: AnsweredPage): Promise<PageAnswer | undefined> {
  const { account, sessionUid, interaction, scopes } = answer
  const { clientId, client, resource } = interaction
  const { userId } = account
  const declined = declinedOf(answer)
  const chooses = choosesOrganizations({ client, scopes, resource })
  if (chooses && answer.chosen.length === 0) return undefined

  const organizationIds = await inAudit<OrganizationId[]>(
    database,
    // The browser's input, which the transaction compares with the memberships.
    authorityOf(answer, chooses ? (answer.chosen as OrganizationId[]) : []),
    (chosen) =>
      entry(answer, 'consent.allow', {
        ...shownOf(answer),
        scopes,
        organizationIds: chosen,
        ...(declined.length > 0 && { declined }),
      }),
    async (tx) => {
      const chosen = chooses ? await ownOf(tx, answer) : []
      await saveConsent(tx, {
        userId,
        clientId,
        organizationIds: chosen,
        // A first-party app acts in all organizations. Consent for the scopes of another API is not remembered.
        scopes: client.firstParty ? scopes : scopes.filter(isIdentityScope),
        permissions: client.firstParty || resource ? [] : scopes.filter(isPermission),
        declined: resource ? declined.filter(isIdentityScope) : declined,
      })
      return chosen
    },
  )
  return { userId, sessionUid, scopes, declined, organizationIds, ...(resource && { resourceServerId: resource.id }) }
}

/** Returns the scopes that the page offered and the user left out. */
const declinedOf = ({ interaction, scopes }: AnsweredPage): readonly string[] =>
  interaction.scopes.filter((scope) => !scopes.includes(scope))

export const denyAccess = (database: Database, answer: AnsweredPage): Promise<void> =>
  inAudit(database, authorityOf(answer), entry(answer, 'consent.deny', shownOf(answer)), async () => {})

/** Returns the authority of the page: it depends on the user, the session, the client and the organizations. */
const authorityOf = ({ account, sessionUid, interaction }: AnsweredPage, organizationIds: OrganizationId[] = []) =>
  stepAuthority('consent page', {
    userId: account.userId,
    sessionUid,
    clientId: interaction.clientId,
    organizationIds,
  })

/** Returns the chosen organizations. At this time the user must be a member of each, and each must allow the app. */
async function ownOf(
  tx: Parameters<typeof listUserOrganizations>[0],
  { account, chosen, interaction }: AnsweredPage,
): Promise<OrganizationId[]> {
  const own = new Map((await listUserOrganizations(tx, account.userId)).map((one) => [String(one.id), one]))
  const denying = new Set(
    (await listDenyingOrganizations(tx, account.userId, interaction.clientId)).map(({ id }) => id),
  )
  return [...new Set(chosen)].map((text) => {
    const organization = own.get(text)
    if (!organization)
      throw new Denial(400, 'User is not a member of the organization', {
        cause: 'organization outside membership chosen',
      })
    if (lacksSecondFactor(organization, interaction)) {
      throw new Denial(400, 'The organization needs a sign-in with a second factor: set one up in your account', {
        cause: 'organization that needs a second factor chosen',
      })
    }
    if (denying.has(organization.id)) {
      throw new Denial(400, 'The organization does not allow this app', {
        cause: 'organization that denies the app chosen',
      })
    }
    return organization.id
  })
}

const entry = <Action extends 'consent.allow' | 'consent.deny'>(
  { account, interaction, address, userAgent }: AnsweredPage,
  action: Action,
  metadata: AuditMetadata<Action>,
): AuditEntry =>
  auditEntry(action, {
    organizationId: account.personalOrganizationId,
    actorId: account.userId,
    actorEmail: account.email,
    targetId: interaction.clientId,
    statusCode: 200,
    ipAddress: address,
    userAgent,
    source: 'provider',
    metadata,
  })

/** The metadata of every answer to a consent page. */
const shownOf = ({ interaction: { client, device, resource, scopes } }: AnsweredPage) => ({
  clientName: client.name,
  ...(device && { device }),
  ...(resource && { resource: resource.identifier }),
  scopes,
})
