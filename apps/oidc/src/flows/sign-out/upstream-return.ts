import { boundedText } from '@daytona-auth/service'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { ROUTES } from '../../provider/endpoint-paths.ts'
import { parseFields } from '../interaction/fields.ts'
import type { PageContext } from '../interaction/page-context.ts'
import { createSignOutReturns } from './sign-out-returns.ts'

export const SignedOutPath = z.object({ name: boundedText({ max: 64 }) })
/** A longer or repeated value counts as empty. */
export const SignedOutQuery = z.object({ state: boundedText({ max: 64 }).catch('') })

/**
 * Registers the page at which an upstream provider returns the browser after the sign-out there. It continues to where the
 * sign-out here would have ended; in a browser that began none, to our own page.
 */
export function upstreamReturn(app: FastifyInstance, { config, now }: Pick<PageContext, 'config' | 'now'>): void {
  const { ISSUER: issuer, COOKIE_KEYS: cookieKeys } = config
  const returns = createSignOutReturns({ issuer, cookieKeys, now })

  app.get('/oauth/upstream/:name/signed-out', async (request, reply) => {
    const { name } = parseFields(SignedOutPath, request.params)
    const { state } = SignedOutQuery.parse(request.query)
    const landing = returns.find(request.headers.cookie, name, state)
    if (landing !== undefined) reply.header('set-cookie', returns.ended)
    return reply.header('cache-control', 'no-store').redirect(landing ?? `${ROUTES.end_session}/success`, 303)
  })
}
