import Negotiator from 'negotiator'

/** The languages of pages and mails (BCP 47), the default first. */
export const LANGUAGES = ['en', 'de'] as const

export type Language = (typeof LANGUAGES)[number]

export const DEFAULT_LANGUAGE: Language = 'en'

/** Longer lists are ignored: no browser and no app sends one. */
const MAX_CHARS = 1024

/** What a request states about the language that its user prefers. */
export interface LanguagePreference {
  /** The `ui_locales` of an authorization request (OIDC Core §3.1.2.1): language tags by preference, with spaces between. */
  readonly uiLocales?: unknown
  /** The `Accept-Language` header (RFC 9110 §12.5.4). */
  readonly acceptLanguage?: string | undefined
}

/** Chooses the language of a response: by `ui_locales`, then by `Accept-Language`, otherwise English. */
export const chooseLanguage = ({ uiLocales, acceptLanguage = '' }: LanguagePreference): Language =>
  supportedLanguage(uiLocales) ??
  (acceptLanguage.length <= MAX_CHARS ? acceptedLanguage(acceptLanguage) : undefined) ??
  DEFAULT_LANGUAGE

/** Returns the language that an account has kept from a sign-in; the default if it has none, or one of another release. */
export const accountLanguage = (kept: string | null | undefined): Language =>
  supportedLanguage(kept) ?? DEFAULT_LANGUAGE

/**
 * Returns the language of a mail: the one that the account of the recipient has kept, otherwise that of the request that causes
 * the mail. So neither a stranger who requests it nor a program without a language chooses how a person is warned.
 */
export const mailLanguage = (kept: string | null | undefined, requested: Language): Language =>
  supportedLanguage(kept) ?? requested

/** Returns the first supported language of `ui_locales`; undefined if there is none. */
export function supportedLanguage(uiLocales: unknown): Language | undefined {
  if (typeof uiLocales !== 'string' || uiLocales.length > MAX_CHARS) return undefined
  const wanted = uiLocales.split(' ').map((tag) => tag.toLowerCase().split('-', 1)[0])
  return wanted.flatMap((language) => LANGUAGES.filter((supported) => supported === language))[0]
}

function acceptedLanguage(acceptLanguage: string): Language | undefined {
  if (acceptLanguage === '') return undefined
  const accepted = new Negotiator({ headers: { 'accept-language': acceptLanguage } }).language([...LANGUAGES])
  return LANGUAGES.find((language) => language === accepted)
}
