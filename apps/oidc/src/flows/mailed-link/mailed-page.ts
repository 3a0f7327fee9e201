import { NAME_UNITS } from '@daytona-auth/accounts/given-name'
import { sentenceOf } from '@daytona-auth/accounts/language/message'
import { SECRET_TOKEN } from '@daytona-auth/accounts/secret-token'
import { digestOf } from '@daytona-auth/auth'
import type { Database } from '@daytona-auth/db/core'
import { boundedText, noteDenial } from '@daytona-auth/service'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { asDenial } from '../../limits/unknown-look-ups.ts'
import type { Sentence } from '../../pages/german/german.ts'
import { pageHeaders } from '../../pages/headers.ts'
import type { LocalizedPage, Message } from '../../pages/language.ts'
import type { RenderPage } from '../../pages/pages.ts'
import { sendPage } from '../../pages/send-page.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'

/** A longer or repeated value counts as empty: no token, name or password is that long. */
const text = (max: number) => boundedText({ max }).catch('')
export const MailedQuery = z.object({ token: text(128) })
export const MailedFields = z.object({
  token: text(128),
  name: text(NAME_UNITS),
  password: text(4096),
  decision: text(16),
})

/**
 * Creates the look-up of a mailed link's target by its token. A token of another form costs no query, and unknown ones
 * count for the address.
 */
export function createTokenLookUp<Found>(
  { context, database }: InteractionContext,
  kind: string,
  find: (database: Database, digest: Buffer) => Promise<Found | undefined>,
): (token: string, address: string) => Promise<Found | undefined> {
  return async (token, address) => {
    if (!SECRET_TOKEN.test(token)) return undefined
    const digest = digestOf(token)
    try {
      return await context.unknown.find({ address }, `${kind} ${digest.toString('base64url')}`, () =>
        find(database, digest),
      )
    } catch (error) {
      throw asDenial(error)
    }
  }
}

/** Sends a page without a referrer, because its URL contains the token. `problem` is the reason of an error status, for the log. */
export function sendMailedPage(
  reply: FastifyReply,
  page: LocalizedPage,
  problem: Message = { text: 'mailed link' },
): FastifyReply {
  if (reply.statusCode >= 400) noteDenial(reply.request.raw, sentenceOf(problem))
  return sendPage(reply.headers({ ...pageHeaders(), 'referrer-policy': 'no-referrer' }), page)
}

/** Sends the page of a link that cannot be redeemed. `renewal` says how the user gets a new one. */
export const sendGoneLink = (reply: FastifyReply, render: RenderPage, renewal: Sentence): FastifyReply =>
  sendMailedPage(
    reply.code(404),
    render('error', {
      heading: 'This link does not work any more',
      sentence: 'It was already used, has expired, or was replaced by a newer mail.',
      advice: renewal,
    }),
    { text: 'mailed link unknown, used or expired' },
  )
