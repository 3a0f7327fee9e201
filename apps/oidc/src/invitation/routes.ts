import { findInvitationByToken, type InvitationRow } from '@daytona-auth/db'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { InteractionDesk } from '../interaction/desk.ts'
import { redeem } from '../mailed-link/redeem.ts'
import { pageHeaders } from '../pages/headers.ts'
import type { RenderPage } from '../pages/pages.ts'
import { digestOf } from '../provider/digest.ts'
import { tooMany } from '../sign-in/routes.ts'
import { requireOurPage } from './our-page.ts'

const PATH = '/oauth/invitation'

/**
 * The page that the mail of an invitation leads to. Looking at it changes nothing, so that a mail scanner that follows
 * every link uses nothing up; the form redeems the token and verifies the address.
 */
export function invitationRoutes(app: FastifyInstance, desk: InteractionDesk, render: RenderPage): void {
  const { config } = desk.context

  app.get(PATH, async (request, reply) => {
    const { token } = Query.parse(request.query)
    const invitation = await find(desk, token)
    return invitation ? show(reply, invitation, token) : gone(reply)
  })

  app.post(PATH, async (request, reply) => {
    requireOurPage(request, config.ISSUER)
    const { token, password } = Form.parse(request.body ?? {})
    const invitation = await find(desk, token)
    if (!invitation) return gone(reply)
    const outcome = await redeem(desk, 'invitation', {
      token,
      email: invitation.email,
      password,
      ...desk.origin(request),
    })
    switch (outcome.kind) {
      case 'redeemed':
        return send(reply, 'invitation-redeemed', {
          organization: invitation.organizationName,
          email: invitation.email,
        })
      case 'gone':
        return gone(reply)
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return show(reply, invitation, token, tooMany(outcome.retryAfterSeconds))
      case 'wrong':
        return show(reply.code(400), invitation, token, WRONG)
    }
  })

  function show(reply: FastifyReply, invitation: InvitationRow, token: string, problem?: string): FastifyReply {
    const { organizationName: organization, inviterName, inviterEmail, email } = invitation
    return send(reply, 'invitation', { action: PATH, token, organization, inviterName, inviterEmail, email, problem })
  }

  function gone(reply: FastifyReply): FastifyReply {
    return send(reply.code(404), 'error', {
      heading: 'This link does not work any more',
      sentence:
        'It was used already, has ended, or a newer mail has replaced it. Ask whoever invited you to send the invitation again.',
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

const find = async ({ database }: InteractionDesk, token: string): Promise<InvitationRow | undefined> =>
  TOKEN.test(token) ? findInvitationByToken(database, digestOf(token)) : undefined

/** 256 bits in base64url. */
const TOKEN = /^[\w-]{43}$/

const text = z.string().catch('')
const Query = z.object({ token: text })
const Form = z.object({ token: text, password: text })

const WRONG = 'That password does not match an account with this address.'
