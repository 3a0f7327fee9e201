import { shownName } from '@daytona-auth/accounts/shown-name'
import { findInvitationByToken } from '@daytona-auth/db/organizations'
import type { FastifyInstance } from 'fastify'
import type { RenderPage } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { mailedLinkRoutes } from '../mailed-link/routes.ts'

/** Registers the page linked from an invitation mail. It verifies the address; the user accepts in the dashboard. */
export function invitationRoutes(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  render: RenderPage,
): void {
  mailedLinkRoutes(app, interactionContext, render, {
    path: '/oauth/invitation',
    kind: 'invitation',
    find: findInvitationByToken,
    form: ({ organizationName, inviterName, inviterEmail, email }, form) =>
      render('invitation', {
        ...form,
        organization: shownName(organizationName),
        inviterName: shownName(inviterName),
        inviterEmail,
        email,
      }),
    done: ({ organizationName, email }) =>
      render('invitation-redeemed', { organization: shownName(organizationName), email }),
    renewal: 'Ask the person who invited you to send the invitation again.',
  })
}
