import type { Database } from '@daytona-auth/db/core'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { LocalizedPage, Message } from '../../pages/language.ts'
import type { RenderPage } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { createTokenLookUp, MailedFields, MailedQuery, sendGoneLink, sendMailedPage } from './mailed-page.ts'
import { requireOurPage } from './our-page.ts'
import { redeemMailedLink } from './redeem.ts'
import { takeOverPath, takeOverRoutes } from './take-over-routes.ts'

/** The target of a mailed link, and the content of its pages. */
export interface MailedLink<Found extends { readonly email: string }> {
  readonly path: string
  readonly kind: Parameters<typeof redeemMailedLink>[1]
  /** Finds the target by the digest of its token, while the token is redeemable. */
  readonly find: (database: Database, digest: Buffer) => Promise<Found | undefined>
  /** Sends another page than the form for some targets; undefined for others. */
  readonly instead?: (reply: FastifyReply, found: Found, token: string) => Promise<FastifyReply | undefined>
  /** Renders the page with the form. */
  readonly form: (found: Found, form: MailedForm) => LocalizedPage
  /** Renders the confirmation page. */
  readonly done: (found: Found) => LocalizedPage
  /** How the user gets a new link. */
  readonly renewal: Sentence
}

export interface MailedForm {
  readonly action: string
  readonly token: string
  readonly problem: Message | undefined
  /** The page on which the holder of the address takes over an account that someone else created with it. */
  readonly takeOver: string
}

/**
 * Registers the page of a mailed link. A GET changes nothing, so a mail scanner that follows every link consumes
 * nothing. The form redeems the token and verifies the address.
 */
export function mailedLinkRoutes<Found extends { readonly email: string }>(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  render: RenderPage,
  link: MailedLink<Found>,
): void {
  const { path } = link
  const find = createTokenLookUp(interactionContext, link.kind, link.find)
  takeOverRoutes(app, interactionContext, render, { path, kind: link.kind, find, renewal: link.renewal })

  app.get(path, async (request, reply) => {
    const { token } = MailedQuery.parse(request.query)
    const found = await find(token, request.ip)
    if (!found) return gone(reply)
    return (await link.instead?.(reply, found, token)) ?? show(reply, found, token)
  })

  app.post(path, async (request, reply) => {
    requireOurPage(request, interactionContext.context.config.ISSUER)
    const { token, password } = MailedFields.parse(request.body ?? {})
    const found = await find(token, request.ip)
    if (!found) return gone(reply)
    const { email } = found
    const outcome = await redeemMailedLink(interactionContext, link.kind, {
      token,
      email,
      password,
      ...interactionContext.origin(request),
    })
    switch (outcome.kind) {
      case 'redeemed':
        return sendMailedPage(reply, link.done(found))
      case 'gone':
        return gone(reply)
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return show(reply, found, token, tooManyAttempts(outcome.retryAfterSeconds))
      case 'wrong':
        return show(reply.code(400), found, token, WRONG)
    }
  })

  const show = (reply: FastifyReply, found: Found, token: string, problem?: Message): FastifyReply =>
    sendMailedPage(
      reply,
      link.form(found, { action: path, token, problem, takeOver: takeOverPath(path, token) }),
      problem,
    )

  const gone = (reply: FastifyReply): FastifyReply => sendGoneLink(reply, render, link.renewal)
}

const WRONG = 'That password does not match an account with this address.'
