import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  canUseSecondFactor,
  deletePasskey,
  type EndedUserAccess,
  insertPasskey,
  type NewPasskey,
} from '@daytona-auth/db/users'
import type { FastifyBaseLogger } from 'fastify'
import type { OpenAccount } from '../account/open-account.ts'
import { endAccessOfRemovedFactor, removedAccessEntries } from '../factors/removed-factor.ts'
import { actorOf, type ChangeOrigin } from '../interaction/change-origin.ts'
import { countEnded, endedAccessEntries, invalidateAccess } from '../interaction/ended-access.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { FRESH_SECONDS, stepAuthority } from '../interaction/step-authority.ts'
import { mailFactorEvent } from '../second-factor/mail-factor-event.ts'
import { newRecoveryCodes, passkeyMethods, turnOnTwoStepSignIn } from '../second-factor/turn-on.ts'

type Logger = Pick<FastifyBaseLogger, 'warn'>

/** The authority of a change of passkeys: a recent sign-in, with the second factor that the account has. */
const passkeyAuthority = ({ viewer: { userId, sessionUid } }: OpenAccount) =>
  stepAuthority('change of passkeys', {
    userId,
    sessionUid,
    signedInWithinSeconds: FRESH_SECONDS,
    withSecondFactor: true,
  })

const factsOf = ({ account }: OpenAccount, origin: ChangeOrigin) => ({
  ...actorOf(account, origin),
  organizationId: account.personalOrganizationId,
  targetId: account.userId,
  statusCode: 200,
})

/**
 * Adds a passkey. The first second factor of an account ends every other session and every grant that was not made in this
 * one, and comes with recovery codes, which are returned to be shown once. Returns false if the passkey exists, or the
 * account has as many as it may.
 * @throws StepEnded if the sign-in is not recent any more
 */
export async function addPasskey(
  interactionContext: InteractionContext,
  open: OpenAccount,
  passkey: NewPasskey,
  origin: ChangeOrigin,
  logger: Logger,
): Promise<false | { readonly codes: readonly string[] | undefined }> {
  const { account, viewer } = open
  const { userId, personalOrganizationId: organizationId } = account
  const { codes, digests } = newRecoveryCodes(userId)
  const facts = factsOf(open, origin)
  const passkeyId = passkey.id
  const added = await inAudit<false | { readonly ended: EndedUserAccess | undefined }>(
    interactionContext.database,
    passkeyAuthority(open),
    (done) => {
      if (!done) return []
      const { ended } = done
      const metadata = { passkeyId, ...(ended && countEnded(ended)) }
      const endedBy = `user.add_passkey ${userId}`
      return [
        auditEntry('user.add_passkey', { ...facts, metadata }),
        ...(ended ? endedAccessEntries(actorOf(account, origin), organizationId, ended, endedBy) : []),
      ]
    },
    async (tx) => {
      const isFirst = !(await canUseSecondFactor(tx, userId))
      if (!(await insertPasskey(tx, passkey))) return false
      if (!isFirst) return { ended: undefined }
      const methods = ['pwd' as const, ...passkeyMethods(passkey)]
      return { ended: await turnOnTwoStepSignIn(tx, userId, { sessionUid: viewer.sessionUid, digests, methods }) }
    },
  )
  if (!added) return false
  if (added.ended) invalidateAccess(interactionContext, added.ended)
  mailFactorEvent(interactionContext, account, 'passkey-added', origin, logger)
  return { codes: added.ended && codes }
}

/** Removes a passkey, and ends what it may have signed in: see `endAccessOfRemovedFactor`. */
export async function removePasskey(
  interactionContext: InteractionContext,
  open: OpenAccount,
  passkeyId: string,
  origin: ChangeOrigin,
  logger: Logger,
): Promise<void> {
  const ended = await inAudit<EndedUserAccess | undefined>(
    interactionContext.database,
    passkeyAuthority(open),
    (done) =>
      done
        ? [
            auditEntry('user.remove_passkey', {
              ...factsOf(open, origin),
              metadata: { passkeyId, ...countEnded(done) },
            }),
            ...removedAccessEntries(open, origin, done, 'user.remove_passkey'),
          ]
        : [],
    async (tx) =>
      (await deletePasskey(tx, open.account.userId, passkeyId)) ? endAccessOfRemovedFactor(tx, open) : undefined,
  )
  if (!ended) return
  invalidateAccess(interactionContext, ended)
  mailFactorEvent(interactionContext, open.account, 'passkey-removed', origin, logger)
}
