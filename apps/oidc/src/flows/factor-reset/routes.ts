import { factorResetMail } from '@daytona-auth/accounts/mail/factor-reset-mail'
import { canUseSecondFactor, findFactorReset, findFactorResetByLink, findMailedToken } from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Sentence } from '../../pages/german/german.ts'
import type { RenderPage } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import {
  createTokenLookUp,
  MailedFields,
  MailedQuery,
  sendGoneLink,
  sendMailedPage,
} from '../mailed-link/mailed-page.ts'
import { requireOurPage } from '../mailed-link/our-page.ts'
import { linkRequestRoutes } from '../mailed-link/request-routes.ts'
import { FACTOR_RESET } from '../sign-in/second-factor-page.ts'
import { cancelResetByLink } from './cancel-reset.ts'
import { startFactorReset } from './start-reset.ts'

const START = `${FACTOR_RESET}/start`
const CANCEL = `${FACTOR_RESET}/cancel`
const RENEWAL = 'Request a new one on the page “Lost your second factors?”.'
const ENDED = 'The removal was cancelled, or is done.'
const HOUR_MS = 60 * 60 * 1000

/**
 * Registers the pages by which a person who has lost every second factor has them removed: a request for a mail, the start of
 * the waiting time by its link, and the cancellation by the links of the mails that follow. A GET changes nothing, so a mail
 * scanner that follows every link starts and cancels nothing.
 */
export function factorResetRoutes(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  render: RenderPage,
): void {
  const { context, database, origin } = interactionContext
  const { ISSUER, FACTOR_RESET_WAIT } = context.config
  const hours = Math.round(FACTOR_RESET_WAIT / HOUR_MS)
  const findStart = createTokenLookUp(interactionContext, 'factor-reset', (db, digest) =>
    findMailedToken(db, 'factor-reset', digest),
  )
  const findCancel = createTokenLookUp(interactionContext, 'factor-reset-cancel', findFactorResetByLink)

  linkRequestRoutes(app, interactionContext, {
    path: FACTOR_RESET,
    link: {
      purpose: 'factor-reset',
      action: 'user.request_factor_reset',
      mailOf: factorResetMail,
      isUseful: (userId) => canUseSecondFactor(database, userId),
    },
    show: (reply, page) => interactionContext.send(reply, 'factor-reset', { ...page, hours }),
    showSent: (reply, email) => interactionContext.send(reply, 'factor-reset-answered', { answer: 'sent', email }),
  })

  app.get(START, async (request, reply) => {
    const { token } = MailedQuery.parse(request.query)
    const found = await findStart(token, request.ip)
    if (!found?.emailVerified) return gone(reply, RENEWAL)
    const pending = await findFactorReset(database, found.userId)
    return showLink(reply, { step: 'start', action: START, token, email: found.email, endsAt: pending?.endsAt })
  })

  app.post(START, async (request, reply) => {
    requireOurPage(request, ISSUER)
    const { token } = MailedFields.parse(request.body ?? {})
    const found = await findStart(token, request.ip)
    const endsAt =
      found && (await startFactorReset(interactionContext, { token, userId: found.userId, ...origin(request) }))
    return endsAt && found ? answered(reply, 'started', found.email, endsAt) : gone(reply, RENEWAL)
  })

  app.get(CANCEL, async (request, reply) => {
    const { token } = MailedQuery.parse(request.query)
    const found = await findCancel(token, request.ip)
    if (!found) return gone(reply, ENDED)
    return showLink(reply, { step: 'cancel', action: CANCEL, token, ...found })
  })

  app.post(CANCEL, async (request, reply) => {
    requireOurPage(request, ISSUER)
    const { token } = MailedFields.parse(request.body ?? {})
    const found = await findCancel(token, request.ip)
    const link = found && { token, userId: found.userId, ...origin(request) }
    const isCancelled = link && (await cancelResetByLink(interactionContext, link))
    return isCancelled && found ? answered(reply, 'cancelled', found.email) : gone(reply, ENDED)
  })

  const showLink = (
    reply: FastifyReply,
    {
      endsAt,
      step,
      action,
      token,
      email,
    }: {
      readonly step: 'start' | 'cancel'
      readonly action: string
      readonly token: string
      readonly email: string
      readonly endsAt: Date | undefined
    },
  ) =>
    sendMailedPage(
      reply,
      render('factor-reset-link', { step, action, token, email, hours, endsAt: endsAt?.toISOString() }),
    )

  const answered = (reply: FastifyReply, answer: 'started' | 'cancelled', email: string, endsAt?: Date) =>
    sendMailedPage(reply, render('factor-reset-answered', { answer, email, endsAt: endsAt?.toISOString() }))

  const gone = (reply: FastifyReply, renewal: Sentence): FastifyReply => sendGoneLink(reply, render, renewal)
}
