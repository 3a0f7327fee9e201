import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { describeAddress } from '../../pages/describe-address.ts'
import type { Sentence } from '../../pages/german/german.ts'
import { languageOf, type Message } from '../../pages/language.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { AccountQuery } from './fields.ts'
import { accountForm, type OpenAccount, openAccount } from './open-account.ts'

/** Renders a page of an open account, after its form with the problem of the form. */
type ShowPage = (
  open: OpenAccount,
  request: FastifyRequest,
  reply: FastifyReply,
  problem?: Message,
) => Promise<FastifyReply>

type ChangeAccount = (open: OpenAccount, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Registers account pages, and returns what all of them show. */
export interface AccountPages {
  /** Registers a page and, with `change`, its form. */
  page(path: string, show: ShowPage, change?: ChangeAccount): void
  /** Returns the members that every page has: its navigation, its form and what the last change did. */
  frame(
    open: OpenAccount,
    request: FastifyRequest,
    path: string,
    problem?: Message,
  ): {
    readonly action: string
    readonly csrf: string
    readonly page: string
    readonly email: string
    readonly problem: Message | undefined
    readonly done: Sentence | undefined
  }
  /** Describes the address of a session or an event for the reader of the page, with its place. */
  describe(address: string, request: FastifyRequest): Message
}

/** Creates the registration of account pages. `done` has the sentence that a page reports after each change. */
export function createAccountPages(
  app: FastifyInstance,
  interactionContext: InteractionContext,
  done: Readonly<Record<string, Sentence>>,
): AccountPages {
  const { context } = interactionContext
  return {
    page(path, show, change) {
      app.get(path, async (request, reply) => {
        const open = await openAccount(interactionContext, request, reply, path)
        return open ? show(open, request, reply) : reply
      })
      if (!change) return
      app.post(path, async (request, reply) => {
        const open = await openAccount(interactionContext, request, reply, path)
        return open ? change(open, request, reply) : reply
      })
    },
    frame: (open, request, path, problem) => ({
      ...accountForm(interactionContext, open, path),
      page: path,
      email: open.account.email,
      problem,
      done: done[AccountQuery.parse(request.query).done],
    }),
    describe: (address, request) =>
      describeAddress(address, request.ip, context.places.placeOf(address, languageOf(request.raw))),
  }
}

/** Redirects to a page after its form: 303, so that the form is not sent again. `done` names what it reports. */
export const redirectToPage = (reply: FastifyReply, path: string, done: string): FastifyReply =>
  reply.header('cache-control', 'no-store').redirect(`${path}?done=${done}`, 303)
