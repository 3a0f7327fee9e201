/** Text that is the same in every language: a name, an address, the description of an error of a library. */
export interface Verbatim {
  readonly text: string
  /** The same as HTML, if it is more than the escaped text. */
  readonly html?: string
}

/** The values of a sentence, by the names in its braces. */
export type Values = Readonly<Record<string, string | number | Verbatim>>

/** A sentence with values, such as `Too many attempts. Try again in {minutes} minutes.` */
export interface FilledSentence<Sentence extends string> {
  readonly sentence: Sentence
  readonly values: Values
}

/**
 * A text for the user, not yet in a language. A sentence is the English text itself, in the syntax of ICU MessageFormat,
 * and the key of its translations.
 */
export type Message<Sentence extends string = string> = Sentence | FilledSentence<Sentence> | Verbatim

/** Returns a message in English without its values, for logs. */
export const sentenceOf = (message: Message): string => {
  if (typeof message === 'string') return message
  return 'text' in message ? message.text : message.sentence
}
