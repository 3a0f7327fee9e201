import { type FactorEvent, secondFactorMail } from '@daytona-auth/accounts/mail/second-factor-mail'
import { auditEntry, inAudit } from '@daytona-auth/db/audit'
import {
  deletePasskey,
  type EndedUserAccess,
  insertPasskey,
  listPasskeys,
  type NewPasskey,
  type Passkey,
} from '@daytona-auth/db/users'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import { showBrowser } from '../../pages/show-browser.ts'
import { createAccountPages, redirectToPage } from '../account/account-page.ts'
import { invalidateAccess } from '../account/ended-access.ts'
import { FRESH_SECONDS, type OpenAccount, readAccountForm, requireFreshSignIn } from '../account/open-account.ts'
import { countEnded, endAccessOfRemovedFactor, removedAccessEntries } from '../factors/removed-factor.ts'
import type { ChangeOrigin } from '../interaction/change-origin.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { stepAuthority } from '../interaction/step-authority.ts'

const PATH = ACCOUNT_PAGES.passkeys

/** Registers the account page of passkeys. Adding one needs JavaScript, and every change a recent sign-in. */
export function passkeyAccountRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { database, origin, relyingParty } = interactionContext
  const { page, frame } = createAccountPages(app, interactionContext, DONE)
  const purposeOf = ({ viewer: { userId, sessionUid } }: OpenAccount) => `account ${userId} ${sessionUid}`

  async function show(open: OpenAccount, request: FastifyRequest, reply: FastifyReply, problem?: Message) {
    const { userId, email, name } = open.account
    const passkeys = await listPasskeys(database, userId)
    return interactionContext.send(reply, 'account-passkeys', {
      ...frame(open, request, PATH, problem),
      options: await relyingParty.registrationOptions(purposeOf(open), { userId, email, name, passkeys }),
      passkeys: passkeys.map(showPasskey),
    })
  }

  page(PATH, show, async (open, request, reply) => {
    const form = readAccountForm(interactionContext, request, open)
    if (!(await requireFreshSignIn(interactionContext, open, reply, PATH))) return reply
    if (form.decision === 'remove') {
      await removePasskey(interactionContext, open, form.passkey, origin(request), request.log)
      return redirectToPage(reply, PATH, 'removed')
    }
    const created = await relyingParty.verifyRegistration(purposeOf(open), form.response)
    if (!created) return show(open, request, reply.code(400), WRONG)
    const { userAgent } = origin(request)
    const passkey = { ...created, userId: open.account.userId, userAgent }
    const isAdded = await addPasskey(interactionContext, open, passkey, origin(request), request.log)
    return isAdded ? redirectToPage(reply, PATH, 'added') : show(open, request, reply.code(400), WRONG)
  })
}

/** The authority of a change of passkeys: a recent sign-in, with the second factor that the account has. */
const passkeyAuthority = ({ viewer: { userId, sessionUid } }: OpenAccount) =>
  stepAuthority('change of passkeys', {
    userId,
    sessionUid,
    signedInWithinSeconds: FRESH_SECONDS,
    withSecondFactor: true,
  })

const factsOf = (
  { account: { userId, email, personalOrganizationId: organizationId } }: OpenAccount,
  { address, userAgent }: ChangeOrigin,
  passkeyId: string,
) => ({
  organizationId,
  actorId: userId,
  actorEmail: email,
  ipAddress: address,
  userAgent,
  source: 'provider',
  targetId: userId,
  statusCode: 200,
  metadata: { passkeyId },
})

/** Adds a passkey. Returns false if it exists, or the account has as many as it may. */
async function addPasskey(
  interactionContext: InteractionContext,
  open: OpenAccount,
  passkey: NewPasskey,
  origin: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<boolean> {
  const isAdded = await inAudit<boolean>(
    interactionContext.database,
    passkeyAuthority(open),
    (done) => (done ? auditEntry('user.add_passkey', factsOf(open, origin, passkey.id)) : []),
    (tx) => insertPasskey(tx, passkey),
  )
  if (isAdded) mail(interactionContext, open, 'passkey-added', origin, logger)
  return isAdded
}

/** Removes a passkey, and ends what it may have signed in: see `endAccessOfRemovedFactor`. */
async function removePasskey(
  interactionContext: InteractionContext,
  open: OpenAccount,
  id: string,
  origin: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): Promise<void> {
  const facts = factsOf(open, origin, id)
  const ended = await inAudit<EndedUserAccess | undefined>(
    interactionContext.database,
    passkeyAuthority(open),
    (done) =>
      done
        ? [
            auditEntry('user.remove_passkey', { ...facts, metadata: { ...facts.metadata, ...countEnded(done) } }),
            ...removedAccessEntries(open, origin, done, 'user.remove_passkey'),
          ]
        : [],
    async (tx) => ((await deletePasskey(tx, open.account.userId, id)) ? endAccessOfRemovedFactor(tx, open) : undefined),
  )
  if (!ended) return
  invalidateAccess(interactionContext, ended)
  mail(interactionContext, open, 'passkey-removed', origin, logger)
}

function mail(
  { context, runAfterResponse }: InteractionContext,
  { account: { userId, email } }: OpenAccount,
  event: FactorEvent,
  { language }: ChangeOrigin,
  logger: Pick<FastifyBaseLogger, 'warn'>,
): void {
  const composed = secondFactorMail(event, {
    to: email,
    issuer: context.config.ISSUER,
    now: context.now(),
    translation: context.mailsIn(language),
  })
  runAfterResponse(async () => {
    await context.mailer?.send(composed).catch((error: unknown) => logger.warn({ err: error, userId }, 'mail failed'))
  })
}

function showPasskey({ id, userAgent, createdAt, lastUsedAt, isSynchronized }: Passkey) {
  return {
    id,
    browser: showBrowser(userAgent),
    isSynchronized,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString(),
  }
}

const DONE: Readonly<Record<string, Sentence>> = {
  added: 'The passkey was added. It signs in without your password.',
  removed: 'The passkey was removed. Every other session and app has to sign in again.',
}

const WRONG = 'The passkey was not added. You may have it already, or have ten: try again, or remove one.'
