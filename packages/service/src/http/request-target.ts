import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { badRequest } from './denial.ts'
import type { SendDenial } from './error-handling.ts'

/**
 * Converts an absolute-form request target (`GET http://host/path`, RFC 9112 §3.2.2) to origin form. Its authority
 * replaces the Host header, as the RFC requires, so that later checks of the host see the requested one.
 * @returns the path with its query; the target unchanged if it has no form that a server accepts, which
 *   `denyOddTargets` then answers with 400
 */
export function originForm(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  const { url = '/' } = request
  if (url.startsWith('/')) return url
  const [, authority, rest = ''] = ABSOLUTE_FORM.exec(url) ?? []
  if (authority === undefined) return url
  request.headers.host = authority
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Without userinfo, which RFC 9110 §4.2.4 forbids, and without a fragment, which a target cannot have. */
const ABSOLUTE_FORM = /^https?:\/\/([^\s/?#@\\]+)([/?][^#\\]*)?$/i

/**
 * Refuses targets that the router would match wrongly. 400: a target that is neither a path nor `*`, or has a fragment,
 * which the router would parse as a query. 404: a path with an empty parameter, since the router matches `/device/:uid`
 * for `/device/`.
 */
export function denyOddTargets(app: FastifyInstance, send: SendDenial): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { url = '/' } = request.raw
    if ((!url.startsWith('/') && url !== '*') || url.includes('#')) send(request, reply, ODD_TARGET)
    else if (!request.is404 && hasEmptyParameter(request.params as Record<string, string>)) reply.callNotFound()
    else done()
  })
}

/** Whether a parameter of a matched path is empty. */
export function hasEmptyParameter(parameters: Readonly<Record<string, string | undefined>>): boolean {
  // The wildcard of a route that ends with `*` may be empty.
  for (const name in parameters) if (parameters[name] === '' && name !== '*') return true
  return false
}

const ODD_TARGET = badRequest('Request target is not a path')
