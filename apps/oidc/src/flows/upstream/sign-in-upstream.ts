import { isEmailAddress } from '@daytona-auth/accounts/email-address'
import { GivenName } from '@daytona-auth/accounts/given-name'
import type { Language } from '@daytona-auth/accounts/language/language'
import { auditEntry, inAudit, recordAudit } from '@daytona-auth/db/audit'
import { normalizeEmail, type UserId } from '@daytona-auth/db/core'
import { type ProvisioningOutcome, provisioningEntries, provisionMember } from '@daytona-auth/db/organizations'
import {
  type Account,
  createUserWithIdentity,
  findAccountByEmail,
  findAccountById,
  findMissingProvider,
  findUserOfIdentity,
  type Identity,
  IdentityTaken,
  keepLanguage,
  ownsDomainOf,
  type RequiredProvider,
  useIdentity,
} from '@daytona-auth/db/users'
import type { UpstreamPerson } from '../../upstream/upstream.ts'
import { actorOf } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { GONE } from '../interaction/page-errors.ts'
import { StepEnded, stepAuthority } from '../interaction/step-authority.ts'
import { isStorable, OTHER_PROVIDER } from '../sign-in/sign-in.ts'

/** A person whose groups count as far as the organization of the provider gives them roles. */
export type IdentifiedPerson = Omit<UpstreamPerson, 'groups'> & Pick<Identity, 'mappedGroups'>

export interface UpstreamSignIn {
  readonly person: IdentifiedPerson
  /** The app that the user signs in to. */
  readonly clientId: string
  readonly address: string
  readonly userAgent: string | null
  /** The language of the page. */
  readonly language: Language
}

export type UpstreamOutcome =
  | { readonly kind: 'signed-in'; readonly account: Account }
  | { readonly kind: 'signed-up'; readonly userId: UserId }
  /** There is an account with the address, which the person has to prove. */
  | { readonly kind: 'proof-needed'; readonly email: string }
  | { readonly kind: 'wrong'; readonly why: 'disabled' | 'unverified' | 'foreign-domain' }
  /** The organization of the address requires its own identity provider. */
  | { readonly kind: 'required'; readonly email: string; readonly provider: RequiredProvider }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

type Dependencies = Pick<InteractionContext, 'database' | 'limits' | 'runAfterResponse'>

/**
 * Signs in the person of an upstream provider: by its issuer and subject, never by the address. The provider of an
 * organization signs in addresses of its verified domains only, as the person's account has them now. An unknown person with a
 * verified address gets an account, unless there is one with that address: then the person has to prove it first.
 */
export async function signInUpstream(dependencies: Dependencies, attempt: UpstreamSignIn): Promise<UpstreamOutcome> {
  const known = await signInKnown(dependencies, attempt)
  if (known) return known
  const { person } = attempt
  const email = normalizeEmail(person.email ?? '')
  if (!isStorable(email) || !isEmailAddress(email)) return { kind: 'wrong', why: 'unverified' }
  if (!(await hasAuthority(dependencies, person, email))) return { kind: 'wrong', why: 'foreign-domain' }
  const provider = await findMissingProvider(dependencies.database, email, { identity: person, isStrong: false })
  if (provider) return { kind: 'required', email, provider }
  const isTaken = (await findAccountByEmail(dependencies.database, email)) !== undefined
  const signedUp = isTaken ? undefined : await signUpUpstream(dependencies, attempt, email)
  if (signedUp) return signedUp
  // The same person may have signed up in another tab since the first look-up.
  return (await signInKnown(dependencies, attempt)) ?? { kind: 'proof-needed', email }
}

/** Undefined for an identity that is linked to no account. */
async function signInKnown(
  { database, runAfterResponse }: Dependencies,
  attempt: UpstreamSignIn,
): Promise<UpstreamOutcome | undefined> {
  const { person } = attempt
  const userId = await findUserOfIdentity(database, person)
  const account = userId && (await findAccountById(database, userId))
  if (!account) return undefined
  if (account.disabledAt) {
    runAfterResponse(() => recordAudit(database, entry(account, attempt, 'User is disabled')))
    return { kind: 'wrong', why: 'disabled' }
  }
  // Again when the sign-in is recorded, under locks.
  if (!(await hasAuthority({ database }, person, account.email))) return { kind: 'wrong', why: 'foreign-domain' }
  const isStrong = account.hasSecondFactor || person.trustedMethods !== undefined
  const provider = await findMissingProvider(database, account.email, { identity: person, isStrong })
  if (provider) {
    runAfterResponse(() => recordAudit(database, entry(account, attempt, OTHER_PROVIDER)))
    return { kind: 'required', email: account.email, provider }
  }
  return { kind: 'signed-in', account }
}

/** Whether what the person's provider states counts for an address: an organization's only in its verified domains. */
const hasAuthority = async (
  { database }: Pick<Dependencies, 'database'>,
  { organizationId }: IdentifiedPerson,
  email: string,
): Promise<boolean> => organizationId === undefined || ownsDomainOf(database, organizationId, email)

/**
 * Records a sign-in with a linked identity, in the transaction that confirms it. Without the record the sign-in fails. The
 * identity provider of an organization may change the membership of the user there.
 * @throws StepEnded if the user was disabled or the identity unlinked concurrently
 */
export function recordUpstreamSignIn(
  { database }: Pick<Dependencies, 'database'>,
  account: Account,
  attempt: UpstreamSignIn,
): Promise<unknown> {
  const { userId } = account
  const signedIn = entry(account, attempt)
  return inAudit<ProvisioningOutcome | undefined>(
    database,
    stepAuthority('upstream provider', { userId }),
    (outcome) => [signedIn, ...provisioningEntries(outcome, actorOf(account, attempt))],
    async (tx) => {
      if (!(await useIdentity(tx, userId, attempt.person))) {
        throw new StepEnded(400, GONE, { cause: 'identity was unlinked before the write' })
      }
      await keepLanguage(tx, account, attempt.language)
      return provisionMember(tx, userId, attempt.person)
    },
  )
}

/** Undefined if the address was taken in the same moment. */
async function signUpUpstream(
  dependencies: Dependencies,
  attempt: UpstreamSignIn,
  email: string,
): Promise<UpstreamOutcome | undefined> {
  const { database, limits } = dependencies
  const { person, address, userAgent, language } = attempt
  const retryAfterSeconds = await limits.signUp(address)
  if (retryAfterSeconds !== undefined) return { kind: 'too-many', retryAfterSeconds }
  const { issuer, subject, organizationId, mappedGroups } = person
  const identity: Identity = { issuer, subject, organizationId, mappedGroups }
  try {
    const user = { email, name: nameOf(person.name, email), language }
    const created = await createUserWithIdentity(database, user, identity, {
      ipAddress: address,
      userAgent,
      source: 'provider',
    })
    return created && { kind: 'signed-up', userId: created.userId }
  } catch (error) {
    if (!(error instanceof IdentityTaken)) throw error
    return signInKnown(dependencies, attempt)
  }
}

/** The name that the provider states, if it is one that we accept; otherwise the local part of the address. */
function nameOf(given: string | undefined, email: string): string {
  const candidates = [given ?? '', email.slice(0, email.lastIndexOf('@'))]
  return candidates.map((text) => GivenName.safeParse(text).data).find((name) => name !== undefined) ?? 'User'
}

const entry = (account: Account, { person, clientId, address, userAgent }: UpstreamSignIn, problem?: string) =>
  auditEntry('user.sign_in', {
    organizationId: account.personalOrganizationId,
    actorId: problem === undefined ? account.userId : null,
    actorEmail: account.email,
    targetId: account.userId,
    statusCode: problem === undefined ? 200 : 401,
    ...(problem !== undefined && { errorMessage: problem }),
    ipAddress: address,
    userAgent,
    source: 'provider',
    metadata: { clientId, issuer: person.issuer },
  })
