import { chooseLanguage, type Language } from '@daytona-auth/accounts/language/language'
import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

/** Whether the client prefers HTML over JSON (RFC 9110 §12.5.1). Browsers do; a client that takes anything gets JSON. */
export const isHtmlPreferred = (request: Pick<FastifyRequest, 'headers'>): boolean =>
  new Negotiator(request).mediaType(['application/json', 'text/html']) === 'text/html'

/** Returns the first of `codings` that the client accepts (RFC 9110 §12.5.3): `identity` if it accepts none of the others. */
export function negotiateCoding<Coding extends string>(
  request: Pick<FastifyRequest, 'headers'>,
  codings: readonly Coding[],
): Coding | 'identity' {
  const accepted = new Set(new Negotiator(request).encodings([...codings]))
  return codings.find((coding) => accepted.has(coding)) ?? 'identity'
}

/** Returns the language of the mails that a request causes: English unless its client prefers another. */
export const languageOf = ({ headers }: Pick<FastifyRequest, 'headers'>): Language =>
  chooseLanguage({ acceptLanguage: headers['accept-language'] })
