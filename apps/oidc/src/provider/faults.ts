import { isUnavailable, isUnstorable } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import type Provider from 'oidc-provider'
import type { errors } from 'oidc-provider'
import type { ProviderPages } from '../page-context.ts'
import type { Middleware } from './middleware.ts'

const RETRY_AFTER_SECONDS = 1

/**
 * What the library answers with a plain 500 and is none: a database that is away is a 503 to be tried again, a value
 * that cannot be stored (a NUL in `state`) is the request's fault. What remains is logged as ours.
 */
export function faultTranslation(provider: Provider, pages: ProviderPages, logger: FastifyBaseLogger): Middleware {
  const faults = new WeakMap<object, unknown>()
  provider.on('server_error', (ctx, error) => {
    faults.set(ctx, error)
  })

  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      // Past the library's own handler: koa would answer in plain text.
      faults.set(ctx, error)
    }
    const fault = faults.get(ctx)
    if (fault === undefined) return
    const { statusCode, error, description } = verdictOn(fault)
    if (statusCode >= 500) logger.error({ err: fault, statusCode, path: ctx.path }, 'protocol request failed')
    else logger.info({ err: fault, statusCode, path: ctx.path }, 'protocol request refused')

    const wantsHtml = ctx.response.is('html') !== false && ctx.response.is('html') !== null
    ctx.status = statusCode
    if (statusCode === 503) ctx.set('retry-after', String(RETRY_AFTER_SECONDS))
    ctx.body = wantsHtml ? pages.error({ statusCode, error, description }) : { error, error_description: description }
    if (wantsHtml) ctx.type = 'html'
  }
}

/** Errors of the protocol are answers; the log tells their reason, which the answer may leave out. */
export function logProtocolErrors(provider: Provider, logger: FastifyBaseLogger): void {
  const events = ['authorization', 'grant', 'revocation', 'end_session', 'end_session_confirm'] as const
  for (const event of events) {
    provider.on(`${event}.error` as 'grant.error', (ctx, error: errors.OIDCProviderError) => {
      // A JWT at the revocation endpoint is no error: see `revokeAccessTokens`.
      if (error.error === 'unsupported_token_type') return
      const clientId = ctx.oidc?.client?.clientId
      logger.info({ event, clientId, error: error.error, why: error.error_detail }, 'protocol request refused')
    })
  }
}

function verdictOn(fault: unknown) {
  if (isUnavailable(fault)) {
    return { statusCode: 503, error: 'temporarily_unavailable', description: 'try again in a moment' }
  }
  if (isUnstorable(fault)) {
    return { statusCode: 400, error: 'invalid_request', description: 'a parameter has a value that cannot be stored' }
  }
  return { statusCode: 500, error: 'server_error', description: 'something went wrong on our side' }
}
