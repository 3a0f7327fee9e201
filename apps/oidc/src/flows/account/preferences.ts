import { LANGUAGES } from '@daytona-auth/accounts/language/language'
import type { Account, Preferences } from '@daytona-auth/db/users'

/** The value of a field in which nothing is chosen. A field that is absent, repeated or too long is empty, which is none. */
export const NOT_CHOSEN = 'none'

const TIME_ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

/** What the account has chosen. It stays available if another release or another ICU does not list it any more. */
type Chosen = Pick<Account, 'chosenLanguage' | 'timeZone'>

export interface LanguageOption {
  /** As a BCP 47 tag. */
  readonly tag: string
  /** In the language itself. */
  readonly name: string
}

/** Lists the languages that an account may choose. */
export const languageOptions = ({ chosenLanguage }: Chosen): LanguageOption[] =>
  withChosen(LANGUAGES, chosenLanguage).map((tag) => ({ tag, name: nameOfLanguage(tag) }))

/** Lists the time zones that an account may choose, as the IANA database names them. */
export const timeZoneOptions = ({ timeZone }: Chosen): readonly string[] => withChosen(TIME_ZONES, timeZone)

export type ParsedPreferences =
  | { readonly ok: true; readonly preferences: Preferences }
  | { readonly ok: false; readonly wrong: readonly ('language' | 'time_zone')[] }

/** Reads the fields of the form, or returns those that name nothing of the lists. */
export function parsePreferences(
  chosen: Chosen,
  { language, time_zone }: { readonly language: string; readonly time_zone: string },
): ParsedPreferences {
  const chosenLanguage = parse(language, withChosen(LANGUAGES, chosen.chosenLanguage))
  const timeZone = parse(time_zone, timeZoneOptions(chosen))
  if (chosenLanguage !== undefined && timeZone !== undefined) {
    return { ok: true, preferences: { chosenLanguage, timeZone } }
  }
  return {
    ok: false,
    wrong: [
      ...(chosenLanguage === undefined ? (['language'] as const) : []),
      ...(timeZone === undefined ? (['time_zone'] as const) : []),
    ],
  }
}

/** Undefined for a value that is not in the list, null for none. */
function parse(value: string, list: readonly string[]): string | null | undefined {
  if (value === NOT_CHOSEN) return null
  return list.includes(value) ? value : undefined
}

const withChosen = (list: readonly string[], chosen: string | null): readonly string[] =>
  chosen === null || list.includes(chosen) ? list : [chosen, ...list]

const nameOfLanguage = (tag: string): string => new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
