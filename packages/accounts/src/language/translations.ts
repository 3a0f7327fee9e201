import { IntlMessageFormat } from 'intl-messageformat'
import { DEFAULT_LANGUAGE, type Language } from './language.ts'
import type { Message, Values, Verbatim } from './message.ts'

/** The sentences of a product part, each with its translation: for every language except English, which is the key. */
export type Catalogues<Sentence extends string> = Readonly<
  Record<Exclude<Language, 'en'>, Readonly<Record<Sentence, string>>>
>

/** Attributes of the elements that a sentence marks, such as `href` of `<a>`, by element. */
export type Attributes = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Gives messages in one language. The value `{brand}` is the name of the installation, in every sentence. */
export interface Translation<Sentence extends string = string> {
  readonly language: Language
  /** Gives a message as plain text. */
  text(message: Message<Sentence>, values?: Values): string
  /**
   * Gives a sentence as HTML. Values are escaped. `<strong>`, `<a>` and the like in a sentence become elements, with the
   * given attributes.
   */
  html(sentence: Sentence, values?: Values, attributes?: Attributes): string
  /** Formats the date (UTC) of an instant, given in ISO format or as a `Date`. */
  day(instant: string | Date): Verbatim
  /** Formats an instant to the minute, in UTC. */
  time(instant: string | Date): Verbatim
}

const DAY = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const
const TIME = { ...DAY, hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const

/** British dates: the day before the month, as in most languages. */
const DATE_LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de' }

/** Creates the translations of `catalogues`. A sentence that they lack stays English. */
export function createTranslations<Sentence extends string>(
  catalogues: Catalogues<Sentence>,
  brand: string,
): (language: Language) => Translation<Sentence> {
  const english = createTranslation<Sentence>(DEFAULT_LANGUAGE, undefined, brand)
  const others = new Map(
    Object.entries(catalogues).map(([language, catalogue]) => [
      language,
      createTranslation<Sentence>(language as Language, catalogue, brand),
    ]),
  )
  return (language) => others.get(language) ?? english
}

function createTranslation<Sentence extends string>(
  language: Language,
  catalogue: Readonly<Record<string, string>> | undefined,
  brand: string,
): Translation<Sentence> {
  // At most one entry for each sentence of the product: values are not part of them.
  const plain = new Map<string, IntlMessageFormat>()
  const marked = new Map<string, IntlMessageFormat>()
  const formatOf = (formats: Map<string, IntlMessageFormat>, sentence: string, ignoreTag: boolean) => {
    const known = formats.get(sentence)
    if (known) return known
    const translated = catalogue && Object.hasOwn(catalogue, sentence) ? catalogue[sentence] : undefined
    const format = new IntlMessageFormat(translated ?? sentence, language, undefined, { ignoreTag })
    formats.set(sentence, format)
    return format
  }
  const dateFormat = new Intl.DateTimeFormat(DATE_LOCALES[language], DAY)
  const timeFormat = new Intl.DateTimeFormat(DATE_LOCALES[language], TIME)

  function text(message: Message<Sentence>, values: Values = {}): string {
    if (typeof message === 'object') {
      return 'text' in message ? message.text : text(message.sentence, message.values)
    }
    return String(formatOf(plain, message, true).format(mapValues({ brand, ...values }, textOf)))
  }

  return {
    language,
    text,
    html(sentence, values = {}, attributes = {}) {
      const elements = Object.fromEntries(
        ['strong', 'a', 'span'].map((name) => [
          name,
          (chunks: string[]) => element(name, attributes[name] ?? {}, chunks.join('')),
        ]),
      )
      const escaped = mapValues({ brand, ...values }, htmlOf)
      return String(formatOf(marked, sentence, false).format<string>({ ...escaped, ...elements }))
    },
    day: (instant) => timeElement(instant, dateFormat),
    time: (instant) => timeElement(instant, timeFormat),
  }
}

function timeElement(instant: string | Date, format: Intl.DateTimeFormat): Verbatim {
  const date = new Date(instant)
  const text = format.format(date)
  return { text, html: element('time', { datetime: date.toISOString() }, escapeHtml(text)) }
}

const element = (name: string, attributes: Readonly<Record<string, string>>, content: string): string =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeHtml(value)}"`)
    .join('')}>${content}</${name}>`

const mapValues = (values: Values, map: (value: string | Verbatim) => string): Record<string, string | number> =>
  Object.fromEntries(
    // Numbers stay numbers, because they choose plural forms.
    Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? value : map(value)]),
  )

const textOf = (value: string | Verbatim): string => (typeof value === 'string' ? value : value.text)
const htmlOf = (value: string | Verbatim): string =>
  typeof value === 'string' ? escapeHtml(value) : (value.html ?? escapeHtml(value.text))

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
