import * as z from 'zod'
import { variableFacts } from './variable.ts'
import { list } from './variables.ts'

/** Anyone with the data that a shorter secret protects could guess it. */
const MIN_CHARS = 32
/** Once in 25 million times, 32 random hexadecimal digits have fewer distinct ones. */
const MIN_DISTINCT = 8

/** Placeholders of examples and templates. All are too long to occur in random letters. */
const PLACEHOLDER =
  /change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|with)|placeholder|example|default|insecure|your[-_ ](?:secret|key)|^<.*>$|^\$\{/i
const REPETITION = /^(.{1,32}?)\1+$/s

/** The remedy for a missing or weak secret. */
export const MAKE_ONE = 'make one with openssl rand -hex 32'

/** A secret: long, and not a value from documentation or examples. */
export const secret = () =>
  z
    .string()
    .check((context) => {
      const weakness = weaknessOf(context.value)
      if (weakness) context.issues.push({ code: 'custom', input: context.value, message: `${weakness}: ${MAKE_ONE}` })
    })
    .register(variableFacts, { secret: 'whole' })

/** Comma-separated secrets. A secret is replaced by putting the next one before it; both are accepted until it is removed. */
export const secrets = () =>
  list()
    .transform((items, context): readonly [string, ...string[]] => {
      const [first, ...others] = items
      const weakness = items.map(weaknessOf).find((found) => found !== undefined)
      if (first !== undefined && weakness === undefined) return [first, ...others]
      context.addIssue(`${weakness} (each of the comma-separated secrets): ${MAKE_ONE}`)
      return z.NEVER
    })
    .register(variableFacts, { secret: 'whole' })

/** Returns why `text` is not a strong secret, without repeating it. */
function weaknessOf(text: string): string | undefined {
  if (text.length < MIN_CHARS) return `must have ${MIN_CHARS} characters or more`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the check is for control characters
  if (/^\s|\s$|[\x00-\x1f\x7f]/.test(text)) return 'must not begin or end with a space or contain control characters'
  if (new Set(text).size < MIN_DISTINCT || PLACEHOLDER.test(text) || REPETITION.test(text) || isRun(text)) {
    return 'must be random, not easy to guess'
  }
  return undefined
}

/** Whether most of the text is a sequence, as in `0123456789abcdef…`. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (char) => char.charCodeAt(0))
  const steps = codes.filter((code, at) => code - (codes[at - 1] ?? code) === 1).length
  return steps > text.length / 2
}
