/**
 * Characters that a terminal may execute or that reorder adjacent text: control characters (C0, DEL and C1), line
 * separators, and bidirectional marks.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

const toEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * Escapes untrusted text (a name, an address, an error) for one line of a terminal: unprintable characters become
 * `\u001b`.
 */
export const escapeUnprintable = (text: string): string => text.replace(UNPRINTABLE, toEscape)

/** As `printable`, of text whose line breaks are ours, such as JSON: there `\u001b` within a string means the same. */
export const escapeLines = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => (character === '\n' ? character : toEscape(character)))

/** Returns whether there is nothing to escape. */
export const isPrintable = (text: string): boolean => text.search(UNPRINTABLE) === -1
