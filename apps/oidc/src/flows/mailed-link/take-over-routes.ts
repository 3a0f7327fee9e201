import type { AccountProblems } from '@daytona-auth/accounts/new-account'
import { findAccountByEmail, findUser } from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import type { RenderPage } from '../../pages/pages.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { MailedFields, MailedQuery, sendGoneLink, sendMailedPage } from './mailed-page.ts'
import { nameOfRequired } from './name-of-required.ts'
import { requireOurPage } from './our-page.ts'
import type { MailedLinkKind } from './redeem.ts'
import { takeOver } from './take-over.ts'

export interface TakeoverLink {
  /** The path of the mailed link. */
  readonly path: string
  readonly kind: MailedLinkKind
  readonly find: (token: string, address: string) => Promise<{ readonly email: string } | undefined>
  /** How the user gets a new link. */
  readonly renewal: Sentence
}

/** Returns the page that takes over an account with a mailed token. */
export const takeOverPath = (path: string, token: string): string =>
  `${path}/take-over?token=${encodeURIComponent(token)}`

/**
 * Registers the page on which the holder of a mailed token replaces an account with an unverified address that someone else
 * created. It says what ends. A GET changes nothing.
 */
export function takeOverRoutes(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  render: RenderPage,
  { path, kind, find, renewal }: TakeoverLink,
): void {
  const action = `${path}/take-over`
  const { context, database } = interactionContext

  /** Finds the recipient of a link, if an account with the address may be taken over. */
  async function findRecipient(token: string, address: string): Promise<string | undefined> {
    const found = await find(token, address)
    const account = found && (await findAccountByEmail(database, found.email))
    if (!account || account.disabledAt) return undefined
    return (await findUser(database, account.userId))?.emailVerified === false ? account.email : undefined
  }

  app.get(action, async (request, reply) => {
    const { token } = MailedQuery.parse(request.query)
    const email = await findRecipient(token, request.ip)
    return email === undefined ? gone(reply) : show(reply, { token, email, name: '' })
  })

  app.post(action, async (request, reply) => {
    requireOurPage(request, context.config.ISSUER)
    const { token, name, password } = MailedFields.parse(request.body ?? {})
    const email = await findRecipient(token, request.ip)
    if (email === undefined) return gone(reply)
    const origin = interactionContext.origin(request)
    const attempt = takeOver(interactionContext, kind, { token, email, name, password, ...origin }, request.log)
    const outcome = await context.metrics.countAttempt('sign-up', attempt)
    switch (outcome.kind) {
      case 'signed-up':
        return sendMailedPage(reply, render('taken-over', { email }))
      case 'gone':
        return gone(reply)
      case 'blocked':
        return sendMailedPage(reply.code(409), render('error', BLOCKED), {
          text: 'take-over of an account that was used',
        })
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return show(reply, { token, email, name, problem: tooManyAttempts(outcome.retryAfterSeconds) })
      case 'wrong':
        return show(reply.code(400), { token, email, name, problem: 'There is a problem', wrong: outcome.problems })
    }
  })

  const gone = (reply: FastifyReply): FastifyReply => sendGoneLink(reply, render, renewal)

  const show = async (
    reply: FastifyReply,
    {
      wrong = {},
      problem,
      ...page
    }: {
      readonly token: string
      readonly email: string
      readonly name: string
      readonly problem?: Message
      readonly wrong?: AccountProblems
    },
  ): Promise<FastifyReply> => {
    const required = await nameOfRequired(database, page.email)
    return sendMailedPage(reply, render('take-over', { ...page, action, required, problem, wrong }), problem)
  }
}

const BLOCKED = {
  heading: 'This account cannot be replaced',
  sentence:
    'It is the only owner of an organization that has other members. Ask the operator of this service for help.',
} as const
