import { isEmailAddress } from '@daytona-auth/accounts/email-address'
import { normalizeEmail } from '@daytona-auth/db/core'
import {
  type EmailChangeSide,
  findMailedToken,
  findPendingEmailChange,
  findUser,
  type MailedToken,
} from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import type { RenderPage } from '../../pages/pages.ts'
import { createAccountPages, redirectToPage } from '../account/account-page.ts'
import { type OpenAccount, readAccountForm, requireFreshSignIn } from '../account/open-account.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import {
  createTokenLookUp,
  MailedFields,
  MailedQuery,
  sendGoneLink,
  sendMailedPage,
} from '../mailed-link/mailed-page.ts'
import { requireOurPage } from '../mailed-link/our-page.ts'
import { cancelChange, confirmChange } from './answer-change.ts'
import { cancelOwnEmailChange, requestEmailChange } from './request-change.ts'

const LINK = '/oauth/email-change'

/** The pages that the two mails link to. */
const LINKS: readonly EmailChangeSide[] = ['current', 'new']

const RENEWAL = 'Request the change again on the page of your account.'

const DONE: Readonly<Record<string, Sentence>> = {
  requested: 'We have sent mails with a link. The change is made when the links of both addresses were confirmed.',
  cancelled: 'The change was cancelled.',
}

/** Registers the account page that requests another address, and the pages that the two mails link to. */
export function emailChangeRoutes(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  render: RenderPage,
): void {
  const { context, database, origin } = interactionContext
  const path = ACCOUNT_PAGES.email
  const { page, frame } = createAccountPages(app, interactionContext, DONE)

  page(
    path,
    async (open, request, reply) => {
      if (!(await requireFreshSignIn(interactionContext, open, reply, path))) return reply
      return show(open, request, reply)
    },
    async (open, request, reply) => {
      const form = readAccountForm(interactionContext, request, open)
      if (form.decision === 'cancel') {
        await cancelOwnEmailChange(interactionContext, open, origin(request))
        return redirectToPage(reply, path, 'cancelled')
      }
      if (!(await requireFreshSignIn(interactionContext, open, reply, path))) return reply
      const newEmail = normalizeEmail(form.email)
      const again = (code: number, problem: Message) => show(open, request, reply.code(code), problem, form.email)
      if (!isEmailAddress(newEmail)) return again(400, 'Enter an email address, such as name@example.com.')
      if (newEmail === normalizeEmail(open.account.email)) return again(400, 'This is the address of your account.')
      if (!context.mailer) return again(409, 'This service sends no mail.')
      const requested = await requestEmailChange(interactionContext, open, newEmail, origin(request), request.log)
      if (requested.kind === 'requested') return redirectToPage(reply, path, 'requested')
      const wait = requested.retryAfterSeconds
      if (wait === undefined)
        return again(429, 'You have requested this a moment ago, or five times today. Try again later.')
      reply.header('retry-after', String(wait))
      return again(429, tooManyAttempts(wait))
    },
  )

  async function show(
    open: OpenAccount,
    request: FastifyRequest,
    reply: FastifyReply,
    problem?: Message,
    newEmail = '',
  ): Promise<FastifyReply> {
    const user = await findUser(database, open.account.userId)
    return interactionContext.send(reply, 'account-email', {
      ...frame(open, request, path, problem),
      newEmail,
      needsApproval: user?.emailVerified ?? true,
      sendsMail: context.mailer !== undefined,
      pending: await findPendingEmailChange(database, open.account.userId),
    })
  }

  for (const side of LINKS) linkRoutes(side)

  /** A GET changes nothing, so a mail scanner that follows every link confirms nothing. */
  function linkRoutes(side: EmailChangeSide): void {
    const action = `${LINK}/${side}`
    const find = createTokenLookUp(interactionContext, `email-change-${side}`, (db, digest) =>
      findMailedToken(db, `email-change-${side}`, digest),
    )

    app.get(action, async (request, reply) => {
      const { token } = MailedQuery.parse(request.query)
      const found = await find(token, request.ip)
      return found?.newEmail ? showLink(reply, found, token) : gone(reply)
    })

    app.post(action, async (request, reply) => {
      requireOurPage(request, context.config.ISSUER)
      const { token, decision } = MailedFields.parse(request.body ?? {})
      const found = await find(token, request.ip)
      if (!found) return gone(reply)
      const link = { token, userId: found.userId, ...origin(request) }
      if (side === 'current' && decision === 'cancel') {
        const newEmail = await cancelChange(interactionContext, link)
        return newEmail === undefined ? gone(reply) : answered(reply, newEmail, 'cancelled')
      }
      // Nothing is confirmed by a form without a button of ours.
      if (decision !== 'confirm') return showLink(reply.code(400), found, token)
      const outcome = await confirmChange(interactionContext, { ...link, side }, request.log)
      switch (outcome.kind) {
        case 'gone':
          return gone(reply)
        case 'taken':
          return sendMailedPage(reply.code(409), render('error', TAKEN), { text: 'address is taken' })
        case 'waiting':
        case 'changed':
          return answered(reply, outcome.newEmail, outcome.kind)
      }
    })

    const showLink = (reply: FastifyReply, { newEmail, isConfirmed }: MailedToken, token: string) =>
      sendMailedPage(reply, render('email-change', { action, token, side, newEmail: newEmail ?? '', isConfirmed }))
  }

  const answered = (reply: FastifyReply, newEmail: string, answer: 'waiting' | 'changed' | 'cancelled') =>
    sendMailedPage(reply, render('email-change-answered', { newEmail, answer }))

  const gone = (reply: FastifyReply): FastifyReply => sendGoneLink(reply, render, RENEWAL)
}

const TAKEN = {
  heading: 'This address has an account now',
  sentence: 'Someone created an account with it in the meantime. Nothing was changed. Use another address.',
} as const
