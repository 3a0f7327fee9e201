import type { FastifyReply, FastifyRequest } from 'fastify'
import { isHtmlPreferred } from '../../http/negotiation.ts'
import { UNKNOWN } from './pages.ts'
import { sendPage } from './routes.ts'

/**
 * Answers an unknown path with a page if the client prefers HTML, as a person's browser does.
 * @returns whether it has answered
 */
export function sendUnknownPage(request: FastifyRequest, reply: FastifyReply): boolean {
  reply.header('vary', 'accept')
  if (request.method !== 'GET' || !isHtmlPreferred(request)) return false
  sendPage(reply.code(404), UNKNOWN)
  return true
}
