import { type AuditActor, auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  canUseSecondFactor,
  deleteTotpFactor,
  deleteTrustedBrowser,
  type EndedUserAccess,
  insertTotpFactor,
  replaceRecoveryCodes,
} from '@daytona-auth/db/users'
import type { Amr } from '@daytona-auth/protocol/authentication-context'
import type { FastifyBaseLogger } from 'fastify'
import type { OpenAccount } from '../account/open-account.ts'
import type { ChangeOrigin } from '../interaction/change-origin.ts'
import { countEnded, endedAccessEntries, invalidateAccess } from '../interaction/ended-access.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { STALE } from '../interaction/page-errors.ts'
import { FRESH_SECONDS, StepEnded, stepAuthority } from '../interaction/step-authority.ts'
import { mailFactorEvent } from '../second-factor/mail-factor-event.ts'
import { newRecoveryCodes, turnOnTwoStepSignIn } from '../second-factor/turn-on.ts'
import { endAccessOfRemovedFactor, removedAccessEntries } from './removed-factor.ts'

type Logger = Pick<FastifyBaseLogger, 'warn'>

/** The methods of a session in which the user has just proven the password and a code. */
const BOTH: readonly Amr[] = ['pwd', 'otp', 'mfa']

const actorOf = ({ account: { userId, email } }: OpenAccount, { address, userAgent }: ChangeOrigin): AuditActor => ({
  actorId: userId,
  actorEmail: email,
  ipAddress: address,
  userAgent,
  source: 'provider',
})

/** The authority of a change of second factors: a recent sign-in, with the second factor that the account has. */
const factorAuthority = ({ viewer: { userId, sessionUid } }: OpenAccount) =>
  stepAuthority('change of second factors', {
    userId,
    sessionUid,
    signedInWithinSeconds: FRESH_SECONDS,
    withSecondFactor: true,
  })

/**
 * Adds an authenticator app whose secret a code has confirmed, with new recovery codes. Ends every other session and every
 * grant that was not made in this one: they began without a second factor. Returns the recovery codes, which are shown once.
 * @throws StepEnded if the account has an app, or the sign-in is not recent any more
 */
export async function addTotpFactor(
  interactionContext: InteractionContext,
  open: OpenAccount,
  { secret, step }: { readonly secret: string; readonly step: number },
  origin: ChangeOrigin,
  logger: Logger,
): Promise<readonly string[]> {
  const { database, totpSecrets } = interactionContext
  const { userId, personalOrganizationId: organizationId } = open.account
  const encrypted = await totpSecrets.encrypt(userId, secret)
  const { codes, digests } = newRecoveryCodes(userId)
  const actor = actorOf(open, origin)
  const ended = await inAudit<EndedUserAccess>(
    database,
    factorAuthority(open),
    (ended) => [
      auditEntry('user.add_factor', {
        ...actor,
        organizationId,
        targetId: userId,
        statusCode: 200,
        metadata: { factor: 'totp', ...countEnded(ended) },
      }),
      ...endedAccessEntries(actor, organizationId, ended, `user.add_factor ${userId}`),
    ],
    async (tx) => {
      if (!(await insertTotpFactor(tx, userId, { secret: encrypted, step }))) {
        throw new StepEnded(409, STALE, { cause: 'account has an authenticator app' })
      }
      return turnOnTwoStepSignIn(tx, userId, { sessionUid: open.viewer.sessionUid, digests, methods: BOTH })
    },
  )
  invalidateAccess(interactionContext, ended)
  mailFactorEvent(interactionContext, open.account, 'totp-added', origin, logger)
  return codes
}

/**
 * Removes the authenticator app, with the last factor also the recovery codes, and ends what it may have signed in: see `endAccessOfRemovedFactor`.
 * @throws StepEnded if the sign-in is not recent any more
 */
export async function removeSecondFactors(
  interactionContext: InteractionContext,
  open: OpenAccount,
  origin: ChangeOrigin,
  logger: Logger,
): Promise<void> {
  const { userId, personalOrganizationId: organizationId } = open.account
  const ended = await inAudit<EndedUserAccess | undefined>(
    interactionContext.database,
    factorAuthority(open),
    (done) =>
      done
        ? [
            auditEntry('user.remove_factor', {
              ...actorOf(open, origin),
              organizationId,
              targetId: userId,
              statusCode: 200,
              metadata: { factor: 'totp', ...countEnded(done) },
            }),
            ...removedAccessEntries(open, origin, done, 'user.remove_factor'),
          ]
        : [],
    async (tx) => ((await deleteTotpFactor(tx, userId)) ? endAccessOfRemovedFactor(tx, open) : undefined),
  )
  if (!ended) return
  invalidateAccess(interactionContext, ended)
  mailFactorEvent(interactionContext, open.account, 'totp-removed', origin, logger)
}

/**
 * Replaces the recovery codes. Returns the new ones, which are shown once; undefined for an account without a second factor.
 * @throws StepEnded if the sign-in is not recent any more
 */
export async function createNewRecoveryCodes(
  interactionContext: InteractionContext,
  open: OpenAccount,
  origin: ChangeOrigin,
  logger: Logger,
): Promise<readonly string[] | undefined> {
  const { userId, personalOrganizationId: organizationId } = open.account
  const { codes, digests } = newRecoveryCodes(userId)
  const isReplaced = await inAudit<boolean>(
    interactionContext.database,
    factorAuthority(open),
    (done) =>
      done
        ? auditEntry('user.create_recovery_codes', {
            ...actorOf(open, origin),
            organizationId,
            targetId: userId,
            statusCode: 200,
            metadata: {},
          })
        : [],
    async (tx) => {
      if (!(await canUseSecondFactor(tx, userId))) return false
      await replaceRecoveryCodes(tx, userId, digests)
      return true
    },
  )
  if (!isReplaced) return undefined
  mailFactorEvent(interactionContext, open.account, 'recovery-codes-created', origin, logger)
  return codes
}

/** Ends the trust in one browser of the account. One that had ended already is what the user wanted. */
export async function untrustBrowser(
  { database }: InteractionContext,
  open: OpenAccount,
  digest: Uint8Array,
  origin: ChangeOrigin,
): Promise<void> {
  const { userId, personalOrganizationId: organizationId } = open.account
  await inAudit<boolean>(
    database,
    stepAuthority('account page', { userId, sessionUid: open.viewer.sessionUid }),
    (done) =>
      done
        ? auditEntry('user.untrust_browser', {
            ...actorOf(open, origin),
            organizationId,
            targetId: userId,
            statusCode: 200,
            metadata: {},
          })
        : [],
    (tx) => deleteTrustedBrowser(tx, userId, digest),
  )
}
