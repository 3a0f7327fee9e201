import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { SendRefusal } from './error-handling.ts'
import { badRequest } from './refusal.ts'

/**
 * Brings an absolute-form request target (`GET http://host/path`, RFC 9112 §3.2.2) into origin form. Its authority
 * replaces the Host header, as the RFC requires, so that whatever checks the host checks the one that was requested.
 * @returns the path with its query; the target as it is if it has no form that a server accepts, which
 *   `refuseOddTargets` then answers with 400
 */
export function originForm(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  const { url = '/' } = request
  if (url.startsWith('/')) return url
  const [, authority, rest = ''] = ABSOLUTE_FORM.exec(url) ?? []
  if (authority === undefined) return url
  request.headers.host = authority
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Without userinfo, which RFC 9110 §4.2.4 forbids, and without a fragment, which is part of no target. */
const ABSOLUTE_FORM = /^https?:\/\/([^\s/?#@\\]+)([/?][^#\\]*)?$/i

/**
 * Answers what has no route of its own: a request target that is neither a path nor `*`, or has a fragment, which the
 * router would read as a query (400), and a path in which a parameter is empty (404). The router would match
 * `/device/:uid` for `/device/`.
 */
export function refuseOddTargets(app: FastifyInstance, send: SendRefusal): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { url = '/' } = request.raw
    if ((!url.startsWith('/') && url !== '*') || url.includes('#')) send(request, reply, ODD_TARGET)
    else if (!request.is404 && hasEmptyParameter(request.params as Record<string, string>)) reply.callNotFound()
    else done()
  })
}

/** Whether a parameter of a matched path is empty. */
export function hasEmptyParameter(parameters: Readonly<Record<string, string | undefined>>): boolean {
  // The rest of a path, of a route that ends with `*`, may be empty.
  for (const name in parameters) if (parameters[name] === '' && name !== '*') return true
  return false
}

const ODD_TARGET = badRequest('Request target is not a path')
