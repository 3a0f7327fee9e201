/**
 * What a terminal could take for a command, or what could turn the order of what stands beside it: control characters
 * (C0, DEL and C1), line separators, and the marks that change the direction of text.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * Text that somebody else chose (a name, an address, an error) as one line that does nothing to the terminal: what is
 * unprintable is spelled out as `\u001b`.
 */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped)

/** As `printable`, of text whose line breaks are ours, such as JSON: there `\u001b` within a string means the same. */
export const printableLines = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => (character === '\n' ? character : escaped(character)))

/** Whether `printable` would change it. */
export const isPrintable = (text: string): boolean => text.search(UNPRINTABLE) === -1
