import { findEmailVerification } from '@daytona-auth/db/users'
import type { FastifyInstance } from 'fastify'
import type { RenderPage } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { mailedLinkRoutes } from '../mailed-link/routes.ts'

/** Registers the page linked from the mail that verifies an address. */
export function emailVerificationRoutes(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  render: RenderPage,
): void {
  mailedLinkRoutes(app, interactionContext, render, {
    path: '/oauth/verify-email',
    kind: 'email-verification',
    find: findEmailVerification,
    form: ({ email }, form) => render('email-verification', { ...form, email }),
    done: ({ email }) => render('email-verified', { email }),
    renewal: 'Request a new one in the dashboard.',
  })
}
