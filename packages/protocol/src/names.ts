/** The maximum length of a name in characters, normalized. */
export const MAX_NAME_CHARS = 128

/**
 * Characters that hide, reorder or break text, for a class of a regular expression: control characters, line and paragraph
 * separators, text direction and zero-width characters, which include the joiner of emoji sequences and variation selectors.
 */
export const HIDING_CHARACTERS = String.raw`\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}`

/** The characters that no name may have. */
export const FORBIDDEN_IN_NAMES = new RegExp(`[${HIDING_CHARACTERS}\\u{fff9}-\\u{fffb}]`, 'u')

/** Names of API keys with a meaning in a path: clients resolve the first two, and the third is a route. */
const RESERVED_KEY_NAMES = new Set(['.', '..', 'current'])
export const RESERVED_KEY_NAME = 'must not be ".", ".." or "current"'

/** Returns a name as it is stored and compared. */
export const normalizeName = (text: string): string => text.normalize('NFC').trim()

/** Finds what is wrong with a normalized name that a person chooses; undefined if it is valid. */
export function findNameFault(name: string): string | undefined {
  if (name === '') return 'must not be empty'
  if ([...name].length > MAX_NAME_CHARS) return `must be at most ${MAX_NAME_CHARS} characters`
  const isForbidden = !name.isWellFormed() || FORBIDDEN_IN_NAMES.test(name)
  return isForbidden ? 'must not have control, invisible or text direction characters' : undefined
}

export const isReservedKeyName = (name: string): boolean => RESERVED_KEY_NAMES.has(name)

/** As `findNameFault`, for the name of an API key. */
export const findKeyNameFault = (name: string): string | undefined =>
  findNameFault(name) ?? (isReservedKeyName(name) ? RESERVED_KEY_NAME : undefined)
