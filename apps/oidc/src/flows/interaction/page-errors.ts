import { sentenceOf } from '@daytona-auth/accounts/language/message'
import { PasswordCheckOverloaded } from '@daytona-auth/accounts/password-checker'
import { HashingOverloaded } from '@daytona-auth/accounts/password-hashing'
import { type Denial, forbidden, noteDenial, reasonOf, toDenial } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pageHeaders } from '../../pages/headers.ts'
import type { Message } from '../../pages/language.ts'
import type { RenderPage } from '../../pages/pages.ts'
import { sendPage } from '../../pages/send-page.ts'

/** The text of an error page. The reason is only logged. */
interface Explained {
  readonly heading: Message
  readonly sentence: Message
}

export const GONE = 'This sign-in has expired'
const FORGED = 'Form was not sent from our page'
export const STALE = 'This page is out of date'

/** The 403 for a form that none of our pages sent. `why` is only logged. */
export const forged = (why: string): Denial => forbidden(why, { error: FORGED, code: 'cross_site_request' })

const OVERLOADED_RETRY_SECONDS = 5

/** Renders errors of our pages as pages. An unexpected error shows only a reference for support. */
export function createPageErrorHandler(render: RenderPage) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof HashingOverloaded || error instanceof PasswordCheckOverloaded) {
      request.log.warn({ why: `${error.name}: ${error.message}` }, 'password hashing overloaded')
      noteDenial(request.raw, error.name)
      reply.header('retry-after', String(OVERLOADED_RETRY_SECONDS))
      return send(503, BUSY)
    }
    const denial = toDenial(error)
    const { statusCode, headers = {} } = denial
    if (statusCode >= 500) request.log.error({ statusCode, err: error }, 'page failed')
    else request.log.info({ statusCode, why: denial.cause ?? denial.message }, 'page refused')
    noteDenial(request.raw, reasonOf(denial))
    // A page does not send a Bearer challenge.
    reply.headers(statusCode === 401 ? {} : headers)
    return send(statusCode, explain(statusCode, denial.message))

    function send(code: number, text: Explained): FastifyReply {
      const reference = code >= 500 ? request.id : undefined
      return sendPage(reply.code(code).headers(pageHeaders()), render('error', { ...text, reference }))
    }
  }
}

/** Records why a page answers with an error status: the problem that it shows, and the fields that it marks. */
export function notePageDenial(reply: FastifyReply, name: string, page: object): void {
  if (reply.statusCode < 400) return
  // Our own texts, never entered ones.
  const { problem, wrong } = page as { problem?: Message; wrong?: Readonly<Record<string, Message>> }
  const texts = [problem, ...Object.values(wrong ?? {})].flatMap((text) => (text ? sentenceOf(text) : []))
  noteDenial(reply.request.raw, [name, ...texts].join(': '))
}

function explain(statusCode: number, message: string): Explained {
  if (message === GONE) return EXPIRED
  if (message === FORGED) return DENIED
  if (message === STALE) return OUT_OF_DATE
  if (statusCode === 404) return NOTHING_HERE
  if (statusCode === 503 || statusCode === 429) return BUSY
  return statusCode >= 500 ? FAILED : DENIED
}

const EXPIRED: Explained = {
  heading: GONE,
  sentence:
    'It was already completed, took too long, or was started in another browser. Go back to the app and start again.',
}
const OUT_OF_DATE: Explained = {
  heading: STALE,
  sentence:
    'Someone signed in or out in this browser after you opened it. Nothing was changed. Go back to the app and start again.',
}
const DENIED: Explained = {
  heading: 'That did not work',
  sentence: 'We could not accept this form. Go back to the app and start again.',
}
const NOTHING_HERE: Explained = { heading: 'Nothing here', sentence: 'This page does not exist.' }
const BUSY: Explained = {
  heading: 'Please try again in a moment',
  sentence: 'We cannot process your request right now. Go back and send the form again.',
}
const FAILED: Explained = { heading: 'Something went wrong on our side', sentence: 'Please try again in a moment.' }
