import { findEmailVerification } from '@daytona-auth/db'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { InteractionDesk } from '../interaction/desk.ts'
import { requireOurPage } from '../invitation/our-page.ts'
import { redeem } from '../mailed-link/redeem.ts'
import { pageHeaders } from '../pages/headers.ts'
import type { RenderPage } from '../pages/pages.ts'
import { digestOf } from '../provider/digest.ts'
import { tooMany } from '../sign-in/routes.ts'

const PATH = '/oauth/verify-email'

/**
 * The page that the mail which verifies an address leads to. Looking at it changes nothing, so that a mail scanner that
 * follows every link uses nothing up; the form redeems the token.
 */
export function emailVerificationRoutes(app: FastifyInstance, desk: InteractionDesk, render: RenderPage): void {
  app.get(PATH, async (request, reply) => {
    const { token } = Query.parse(request.query)
    const found = await find(token)
    return found ? show(reply, { token, email: found.email }) : gone(reply)
  })

  app.post(PATH, async (request, reply) => {
    requireOurPage(request, desk.context.config.ISSUER)
    const { token, password } = Form.parse(request.body ?? {})
    const found = await find(token)
    if (!found) return gone(reply)
    const { email } = found
    const outcome = await redeem(desk, 'email-verification', { token, email, password, ...desk.origin(request) })
    switch (outcome.kind) {
      case 'redeemed':
        return send(reply, 'email-verified', { email })
      case 'gone':
        return gone(reply)
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return show(reply, { token, email, problem: tooMany(outcome.retryAfterSeconds) })
      case 'wrong':
        return show(reply.code(400), { token, email, problem: WRONG })
    }
  })

  const find = async (token: string) =>
    TOKEN.test(token) ? findEmailVerification(desk.database, digestOf(token)) : undefined

  const show = (reply: FastifyReply, page: { token: string; email: string; problem?: string }): FastifyReply =>
    send(reply, 'email-verification', { action: PATH, ...page })

  function gone(reply: FastifyReply): FastifyReply {
    return send(reply.code(404), 'error', {
      heading: 'This link does not work any more',
      sentence:
        'It was used already, has ended, or a newer mail has replaced it. Ask for another one in the dashboard.',
    })
  }

  /** The address of this page has the token in it: nobody is told of it, not even we by the next request. */
  function send<Name extends Parameters<RenderPage>[0]>(
    reply: FastifyReply,
    name: Name,
    page: Parameters<typeof render<Name>>[1],
  ): FastifyReply {
    return reply.headers({ ...pageHeaders(), 'referrer-policy': 'no-referrer' }).send(render(name, page))
  }
}

/** 256 bits in base64url. */
const TOKEN = /^[\w-]{43}$/

const text = z.string().catch('')
const Query = z.object({ token: text })
const Form = z.object({ token: text, password: text })

const WRONG = 'That password does not match an account with this address.'
