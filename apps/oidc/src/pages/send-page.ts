import type { FastifyReply } from 'fastify'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { type LocalizedPage, languageHeaders, languageOf, noteUiLocales } from './language.ts'

/** Sends a page of ours in the language of its reader. The caller sets the other headers. */
export function sendPage(reply: FastifyReply, page: LocalizedPage): FastifyReply {
  const language = languageOf(reply.request.raw)
  return reply.headers(languageHeaders(language)).send(page(language))
}

/** Makes a page the response of oidc-provider, in the language of its reader. */
export function respondWithPage(ctx: KoaContextWithOIDC, page: LocalizedPage): void {
  // An error may occur before the library has read the parameters.
  noteUiLocales(ctx.req, ctx.oidc?.params?.['ui_locales'] ?? ctx.query['ui_locales'])
  const language = languageOf(ctx.req)
  ctx.type = 'html'
  ctx.set(languageHeaders(language))
  ctx.body = page(language)
}
