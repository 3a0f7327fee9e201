import { Denial, isOvertaken, isUnavailable, isUnstorable, noteDenial, protocolError } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'
import pTimeout from 'p-timeout'
import { TooManyUnknown } from '../../limits/unknown-look-ups.ts'
import { pageHeaders } from '../../pages/headers.ts'
import type { ProviderPages } from '../../pages/page-content.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import { ROUTES } from '../endpoint-paths.ts'
import type { Middleware } from '../middleware.ts'
import { requestContext } from '../request-context.ts'

const RETRY_AFTER_SECONDS = 1

/** The endpoints that browsers navigate to: their errors are pages. */
const PAGE_ROUTES = [ROUTES.authorization, ROUTES.end_session, ROUTES.code_verification]

/** The library emits `….error` with these names. */
const EVENTS = [
  'authorization',
  'grant',
  'revocation',
  'introspection',
  'end_session',
  'end_session_confirm',
  'device_authorization',
  'pushed_authorization_request',
  'code_verification',
  'device_resume',
] as const

const LONGEST_REASON = 200

/**
 * Translates errors that the library would render as a plain 500. An unreachable database becomes a 503 with
 * Retry-After. A value that cannot be stored (a NUL in `state`) and a concurrently ended session become a 400. Any
 * other error is logged as ours.
 */
export function translateFaults(
  provider: Provider,
  { pages, logger, timeoutMs }: { pages: ProviderPages; logger: FastifyBaseLogger; timeoutMs: number },
): Middleware {
  provider.on('server_error', (ctx, error) => {
    requestContext(ctx).fault = error
  })

  return async (ctx, next) => {
    try {
      // A later result is discarded, because the response has been sent.
      await pTimeout(next(), {
        milliseconds: timeoutMs,
        fallback: () => {
          throw new Overdue(`no answer within ${timeoutMs} ms`)
        },
      })
    } catch (error) {
      // Thrown past the library's own handler: koa would send plain text.
      requestContext(ctx).fault = error
    }
    const { fault } = requestContext(ctx)
    if (fault === undefined) {
      // The library itself rendered `TooManyUnknown`, without Retry-After.
      if (ctx.status === 429 && !ctx.response.get('retry-after')) ctx.set('retry-after', '1')
      return
    }
    const { statusCode, error, description } = responseTo(fault)
    if (statusCode >= 500) logger.error({ err: fault, statusCode, path: ctx.path }, 'protocol request failed')
    else logger.info({ err: fault, statusCode, path: ctx.path }, 'protocol request refused')

    const wantsHtml = isPageRoute(ctx.path)
    ctx.status = statusCode
    if (fault instanceof TooManyUnknown) ctx.set('retry-after', String(fault.retryAfterSeconds))
    ctx.remove('location') // the library may already have set it, with a code
    if (statusCode === 503) ctx.set('retry-after', String(RETRY_AFTER_SECONDS))
    if (wantsHtml) respondWithPage(ctx, pages.error({ statusCode, error, description }))
    else ctx.body = { error, error_description: description }
  }
}

/** Logs the protocol errors that the library sends, with the reason that the response may omit. */
export function logProtocolErrors(provider: Provider, logger: FastifyBaseLogger): void {
  for (const event of EVENTS) {
    // The events share one signature, which a union of their names loses.
    provider.on(`${event}.error` as 'grant.error', (ctx, error: errors.OIDCProviderError) => {
      // A JWT to revoke or introspect is not an error: see `revokeAccessTokens` and `introspectCredentials`.
      if (error.error === 'unsupported_token_type') return
      const clientId = ctx.oidc?.client?.clientId
      logger.info({ event, clientId, error: error.error, why: error.error_detail }, 'protocol request refused')
    })
  }
}

/** Records why a request is refused, for its log line: the library's detail, the error, or the response. */
export function noteProtocolDenials(provider: Provider): Middleware {
  for (const event of EVENTS) {
    provider.on(`${event}.error` as 'grant.error', (ctx, { error, error_detail, error_description }) => {
      requestContext(ctx).denialReason = error_detail ?? error_description ?? error
    })
  }
  return async (ctx, next) => {
    await next()
    if (ctx.status < 400) return
    const { error, error_description } = (ctx.body ?? {}) as { error?: string; error_description?: string }
    const why = requestContext(ctx).denialReason ?? error_description ?? error ?? 'refused by the provider'
    noteDenial(ctx.req, why.slice(0, LONGEST_REASON))
  }
}

/**
 * Renders errors thrown by the middleware around `translateFaults`. It is the outermost one, because koa would send
 * plain text without the headers of a page.
 */
export function renderUncaughtErrors({
  pages,
  logger,
}: {
  pages: ProviderPages
  logger: FastifyBaseLogger
}): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (fault) {
      const { statusCode, error, description } = responseTo(fault)
      if (statusCode >= 500) logger.error({ err: fault, statusCode, path: ctx.path }, 'protocol request failed')
      else logger.info({ err: fault, statusCode, path: ctx.path }, 'protocol request refused')
      ctx.remove('location')
      ctx.status = statusCode
      if (statusCode === 503) ctx.set('retry-after', String(RETRY_AFTER_SECONDS))
      if (isPageRoute(ctx.path)) {
        respondWithPage(ctx, pages.error({ statusCode, error, description }))
        ctx.set(pageHeaders())
      } else {
        ctx.set('cache-control', 'no-store')
        ctx.body = { error, error_description: description }
      }
    }
  }
}

const isPageRoute = (path: string): boolean =>
  PAGE_ROUTES.some((route) => path === route || path.startsWith(`${route}/`))

class Overdue extends Error {
  override readonly name = 'Overdue'
}

function responseTo(fault: unknown) {
  if (fault instanceof Overdue || isUnavailable(fault)) {
    return { statusCode: 503, error: 'temporarily_unavailable', description: 'try again in a moment' }
  }
  if (fault instanceof TooManyUnknown) {
    return { statusCode: 429, error: fault.error, description: fault.error_description ?? '' }
  }
  if (fault instanceof errors.SessionNotFound) {
    return { statusCode: 400, error: 'invalid_request', description: 'the session has ended: sign in again' }
  }
  if (isUnstorable(fault)) {
    return { statusCode: 400, error: 'invalid_request', description: 'a parameter has a value that cannot be stored' }
  }
  if (isOvertaken(fault)) {
    const description = 'what the request refers to changed in the meantime'
    return { statusCode: 400, error: 'invalid_request', description }
  }
  if (fault instanceof errors.OIDCProviderError && isClientError(fault.statusCode)) {
    const { statusCode, error, error_description: description = error } = fault
    return { statusCode, error, description }
  }
  if (fault instanceof Denial && isClientError(fault.statusCode)) {
    const { statusCode, message: description } = fault
    return { statusCode, error: protocolError(statusCode), description }
  }
  return { statusCode: 500, error: 'server_error', description: 'something went wrong on our side' }
}

const isClientError = (statusCode: number): boolean => statusCode >= 400 && statusCode < 500
