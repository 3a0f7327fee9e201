import type { IncomingMessage } from 'node:http'
import { chooseLanguage, type Language, supportedLanguage } from '@daytona-auth/accounts/language/language'
import type { Message as MessageOf } from '@daytona-auth/accounts/language/message'
import type { Sentence } from './german/german.ts'

/** A text for the user, whose sentence has a German translation. */
export type Message = MessageOf<Sentence>

/** An HTML document that exists in each language. */
export type LocalizedPage = (language: Language) => string

const LANGUAGE = Symbol('language')

/** The request of Node.js: the one object that Fastify and the library's koa share. */
type NotedRequest = IncomingMessage & { [LANGUAGE]?: Language }

/** Records the `ui_locales` of the authorization that a request continues. It precedes `Accept-Language`. */
export function noteUiLocales(request: NotedRequest, uiLocales: unknown): void {
  const language = supportedLanguage(uiLocales)
  if (language !== undefined) request[LANGUAGE] = language
}

/** Returns the language of the response to a request. */
export const languageOf = (request: NotedRequest): Language =>
  request[LANGUAGE] ?? chooseLanguage({ acceptLanguage: request.headers['accept-language'] })

/** Returns the headers of a page in one language, for caches and screen readers. */
export const languageHeaders = (language: Language): Record<string, string> => ({
  'content-language': language,
  vary: 'Accept-Language',
})
