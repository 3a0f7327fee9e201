import type { AccountProblems } from '@daytona-auth/accounts/new-account'
import { shownName } from '@daytona-auth/accounts/shown-name'
import { findInvitationByToken, type InvitationRow } from '@daytona-auth/db/organizations'
import { findAccountByEmail } from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Message } from '../../pages/language.ts'
import type { RenderPage } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { createTokenLookUp, MailedFields, sendGoneLink, sendMailedPage } from '../mailed-link/mailed-page.ts'
import { nameOfRequired } from '../mailed-link/name-of-required.ts'
import { requireOurPage } from '../mailed-link/our-page.ts'
import { mailedLinkRoutes } from '../mailed-link/routes.ts'
import { signUpInvited } from './sign-up.ts'

const PATH = '/oauth/invitation'
const SIGN_UP = `${PATH}/sign-up`
const RENEWAL = 'Ask the person who invited you to send the invitation again.'

/**
 * Registers the page linked from an invitation mail. It verifies the address, for a person without an account by creating one
 * with this address; the user accepts in the dashboard.
 */
export function invitationRoutes(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  render: RenderPage,
): void {
  const { context, database } = interactionContext
  mailedLinkRoutes(app, interactionContext, render, {
    path: PATH,
    kind: 'invitation',
    find: findInvitationByToken,
    async instead(reply, invitation, token) {
      const account = await findAccountByEmail(database, invitation.email)
      return account ? undefined : showSignUp(reply, invitation, { token, name: '' })
    },
    form: (invitation, form) => render('invitation', { ...form, ...shown(invitation) }),
    done: (invitation) => render('invitation-redeemed', shown(invitation)),
    renewal: RENEWAL,
  })
  const find = createTokenLookUp(interactionContext, 'invitation', findInvitationByToken)

  app.post(SIGN_UP, async (request, reply) => {
    requireOurPage(request, context.config.ISSUER)
    const { token, name, password } = MailedFields.parse(request.body ?? {})
    const invitation = await find(token, request.ip)
    if (!invitation) return gone(reply)
    const { email } = invitation
    const origin = interactionContext.origin(request)
    const attempt = signUpInvited(interactionContext, { token, email, name, password, ...origin })
    const outcome = await context.metrics.countAttempt('sign-up', attempt)
    switch (outcome.kind) {
      case 'signed-up':
        return sendMailedPage(reply, render('invitation-redeemed', { ...shown(invitation), isNew: true }))
      case 'gone':
        return gone(reply)
      case 'required':
        return showSignUp(reply.code(403), invitation, { token, name })
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return showSignUp(reply, invitation, { token, name, problem: tooManyAttempts(outcome.retryAfterSeconds) })
      case 'wrong':
        reply.code(400)
        return showSignUp(reply, invitation, { token, name, problem: 'There is a problem', wrong: outcome.problems })
    }
  })

  const showSignUp = async (
    reply: FastifyReply,
    invitation: InvitationRow,
    {
      wrong = {},
      problem,
      ...page
    }: {
      readonly token: string
      readonly name: string
      readonly problem?: Message
      readonly wrong?: AccountProblems
    },
  ): Promise<FastifyReply> => {
    const required = await nameOfRequired(database, invitation.email)
    const content = { ...page, ...shown(invitation), required, problem, wrong, action: SIGN_UP }
    return sendMailedPage(reply, render('invitation-sign-up', content))
  }

  const gone = (reply: FastifyReply): FastifyReply => sendGoneLink(reply, render, RENEWAL)
}

const shown = ({ organizationName, inviterName, inviterEmail, email }: InvitationRow) => ({
  organization: shownName(organizationName),
  inviterName: shownName(inviterName),
  inviterEmail,
  email,
  isNew: false,
})
