import { SECRET_TOKEN } from '@daytona-auth/accounts/secret-token'
import { digestOf } from '@daytona-auth/auth'
import type { Database } from '@daytona-auth/db/core'
import { boundedText } from '@daytona-auth/service'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import { asDenial } from '../../limits/unknown-look-ups.ts'
import { pageHeaders } from '../../pages/headers.ts'
import type { RenderPage } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { requireOurPage } from './our-page.ts'
import { redeemMailedLink } from './redeem.ts'

/** The target of a mailed link, and the content of its pages. */
export interface MailedLink<Found extends { readonly email: string }> {
  readonly path: string
  readonly kind: Parameters<typeof redeemMailedLink>[1]
  /** Finds the target by the digest of its token, while the token is redeemable. */
  readonly find: (database: Database, digest: Buffer) => Promise<Found | undefined>
  /** Renders the page with the form. */
  readonly form: (found: Found, form: MailedForm) => string
  /** Renders the confirmation page. */
  readonly done: (found: Found) => string
  /** How the user gets a new link. */
  readonly renewal: string
}

export interface MailedForm {
  readonly action: string
  readonly token: string
  readonly problem: string | undefined
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

  app.get(path, async (request, reply) => {
    const { token } = MailedQuery.parse(request.query)
    const found = await find(token, request.ip)
    return found ? show(reply, found, token) : gone(reply)
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
        return send(reply, link.done(found))
      case 'gone':
        return gone(reply)
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return show(reply, found, token, tooManyAttempts(outcome.retryAfterSeconds))
      case 'wrong':
        return show(reply.code(400), found, token, WRONG)
    }
  })

  async function find(token: string, address: string): Promise<Found | undefined> {
    if (!SECRET_TOKEN.test(token)) return undefined
    const digest = digestOf(token)
    const read = () => link.find(interactionContext.database, digest)
    try {
      return await interactionContext.context.unknown.find(
        { address },
        `${link.kind} ${digest.toString('base64url')}`,
        read,
      )
    } catch (error) {
      throw asDenial(error)
    }
  }

  const show = (reply: FastifyReply, found: Found, token: string, problem?: string): FastifyReply =>
    send(reply, link.form(found, { action: path, token, problem }))

  const gone = (reply: FastifyReply): FastifyReply =>
    send(
      reply.code(404),
      render('error', {
        heading: 'This link does not work any more',
        sentence: `It was already used, has expired, or was replaced by a newer mail. ${link.renewal}`,
      }),
    )
}

/** Sends a page without a referrer, because its URL contains the token. */
const send = (reply: FastifyReply, html: string): FastifyReply =>
  reply.headers({ ...pageHeaders(), 'referrer-policy': 'no-referrer' }).send(html)

/** A longer or repeated value counts as empty: no token or password is that long. */
const text = (max: number) => boundedText({ max }).catch('')
export const MailedQuery = z.object({ token: text(128) })
export const MailedFields = z.object({ token: text(128), password: text(4096) })

const WRONG = 'That password does not match an account with this address.'
