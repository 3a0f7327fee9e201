import { noteDenial } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isHtmlPreferred } from '../../http/negotiation.ts'
import { renderUnknown } from './pages.ts'
import { sendPage } from './routes.ts'

/** Rendered at the first request for an unknown path. */
let page: string | undefined

/**
 * Answers an unknown path with a page if the client prefers HTML, as a person's browser does.
 * @returns whether it has answered
 */
export function sendUnknownPage(request: FastifyRequest, reply: FastifyReply): boolean {
  reply.header('vary', 'accept')
  if (request.method !== 'GET' || !isHtmlPreferred(request)) return false
  noteDenial(request.raw, 'not_found')
  page ??= renderUnknown()
  sendPage(reply.code(404), page)
  return true
}
