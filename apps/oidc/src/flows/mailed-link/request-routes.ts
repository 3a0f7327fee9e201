import { boundedText } from '@daytona-auth/service'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Message } from '../../pages/language.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { requireOurPage } from './our-page.ts'
import { type RequestedLink, requestLink } from './request-link.ts'

/** The field of a page that requests a mail. A longer or repeated value counts as empty. */
export const LinkRequestFields = z.object({ email: boundedText({ max: 512 }).catch('') })

/** What a page that requests a mail shows of an earlier attempt. */
export interface RequestPage {
  readonly email: string
  readonly problem: Message | undefined
  readonly action: string
  /** Whether the provider sends mails at all. */
  readonly sendsMail: boolean
}

/** Registers the page under `path` that requests a mailed link, and its form. */
export function linkRequestRoutes(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  {
    path,
    link,
    show,
    showSent,
  }: {
    readonly path: string
    readonly link: RequestedLink
    readonly show: (reply: FastifyReply, page: RequestPage) => Promise<FastifyReply> | FastifyReply
    readonly showSent: (reply: FastifyReply, email: string) => Promise<FastifyReply> | FastifyReply
  },
): void {
  const { context, origin } = interactionContext
  const sendsMail = context.mailer !== undefined

  app.get(path, (_request, reply) => show(reply, { email: '', problem: undefined, action: path, sendsMail }))

  app.post(path, async (request, reply) => {
    requireOurPage(request, context.config.ISSUER)
    const { email } = LinkRequestFields.parse(request.body ?? {})
    const wait = await requestLink(interactionContext, link, { email, ...origin(request) }, request.log)
    if (wait === undefined) return showSent(reply, email)
    reply.code(429).header('retry-after', String(wait))
    return show(reply, { email, problem: tooManyAttempts(wait), action: path, sendsMail })
  })
}
