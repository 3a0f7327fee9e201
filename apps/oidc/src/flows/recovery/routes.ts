import { recoveryMail } from '@daytona-auth/accounts/mail/recovery-mail'
import { findAccountById, findMailedToken, type MailedToken, readUserAccess } from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Message } from '../../pages/language.ts'
import type { RenderPage } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import {
  createTokenLookUp,
  MailedFields,
  MailedQuery,
  sendGoneLink,
  sendMailedPage,
} from '../mailed-link/mailed-page.ts'
import { nameOfRequired } from '../mailed-link/name-of-required.ts'
import { requireOurPage } from '../mailed-link/our-page.ts'
import { linkRequestRoutes } from '../mailed-link/request-routes.ts'
import { takeOverPath, takeOverRoutes } from '../mailed-link/take-over-routes.ts'
import { RECOVERY } from '../sign-in/sign-in-page.ts'
import { recoverAccount, revokeKeys } from './recover.ts'

const PASSWORD = `${RECOVERY}/password`
const KEYS = `${RECOVERY}/keys`
const RENEWAL = 'Request a new one on the page “Recover your account”.'

/**
 * Registers the pages of account recovery: a request for a mail, the new password by its link, and the revocation of the
 * account's API keys by the link of the mail that follows. A GET changes nothing.
 */
export function recoveryRoutes(app: FastifyInstance, interactionContext: InteractionContext, render: RenderPage): void {
  const { context, checker, database, limits } = interactionContext
  const { ISSUER } = context.config
  const findRecovery = createTokenLookUp(interactionContext, 'recovery', (db, digest) =>
    findMailedToken(db, 'recovery', digest),
  )
  const findKeyRevocation = createTokenLookUp(interactionContext, 'key-revocation', (db, digest) =>
    findMailedToken(db, 'key-revocation', digest),
  )
  takeOverRoutes(app, interactionContext, render, {
    path: PASSWORD,
    kind: 'recovery',
    find: findRecovery,
    renewal: RENEWAL,
  })

  linkRequestRoutes(app, interactionContext, {
    path: RECOVERY,
    link: { purpose: 'recovery', action: 'user.request_recovery', mailOf: recoveryMail },
    show: (reply, page) => interactionContext.send(reply, 'recovery', page),
    showSent: (reply, email) => interactionContext.send(reply, 'recovery-sent', { email }),
  })

  app.get(PASSWORD, async (request, reply) => {
    const { token } = MailedQuery.parse(request.query)
    const found = await findRecovery(token, request.ip)
    if (!found) return gone(reply)
    // Of an unverified address, the account is not the reader's by its password.
    if (!found.emailVerified)
      return reply.header('referrer-policy', 'no-referrer').redirect(takeOverPath(PASSWORD, token))
    return showPassword(reply, found, token)
  })

  app.post(PASSWORD, async (request, reply) => {
    requireOurPage(request, ISSUER)
    const { token, password } = MailedFields.parse(request.body ?? {})
    const found = await findRecovery(token, request.ip)
    if (!found?.emailVerified) return gone(reply)
    // Checking a password costs CPU, so the attempt counts before.
    const wait = await limits.signUp(request.ip)
    if (wait !== undefined) {
      reply.code(429).header('retry-after', String(wait))
      return showPassword(reply, found, token, tooManyAttempts(wait))
    }
    const owner = await findAccountById(database, found.userId)
    if (!owner) return gone(reply)
    const problem = await checker.problemOf(password, owner)
    if (problem !== undefined) return showPassword(reply.code(400), found, token, problem)
    const recovered = await recoverAccount(interactionContext, step(request, found, token), password, request.log)
    return recovered ? sendMailedPage(reply, render('recovered', { ...recovered, email: found.email })) : gone(reply)
  })

  app.get(KEYS, async (request, reply) => {
    const { token } = MailedQuery.parse(request.query)
    const found = await findKeyRevocation(token, request.ip)
    if (!found) return gone(reply)
    const { activeApiKeys } = await readUserAccess(database, found.userId)
    return sendMailedPage(
      reply,
      render('key-revocation', { action: KEYS, token, email: found.email, keys: activeApiKeys }),
    )
  })

  app.post(KEYS, async (request, reply) => {
    requireOurPage(request, ISSUER)
    const { token } = MailedFields.parse(request.body ?? {})
    const found = await findKeyRevocation(token, request.ip)
    const keys = found && (await revokeKeys(interactionContext, step(request, found, token)))
    return keys === undefined ? gone(reply) : sendMailedPage(reply, render('keys-revoked', { keys }))
  })

  const step = (request: Parameters<InteractionContext['origin']>[0], { userId }: MailedToken, token: string) => ({
    userId,
    token,
    ...interactionContext.origin(request),
  })

  async function showPassword(reply: FastifyReply, { email }: MailedToken, token: string, problem?: Message) {
    const required = await nameOfRequired(database, email)
    return sendMailedPage(reply, render('new-password', { action: PASSWORD, token, email, required, problem }), problem)
  }

  const gone = (reply: FastifyReply): FastifyReply => sendGoneLink(reply, render, RENEWAL)
}
