import * as z from 'zod'
import { variableFacts } from './variable.ts'
import { list } from './variables.ts'

/** A secret shorter than this could be guessed by whoever holds what it protects. */
const MIN_CHARS = 32
/** 32 random hexadecimal digits have fewer once in 25 million times. */
const MIN_DISTINCT = 8

/** What examples and templates have where a secret belongs. None is short enough to turn up in random letters. */
const PLACEHOLDER =
  /change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|with)|placeholder|example|default|insecure|your[-_ ](?:secret|key)|^<.*>$|^\$\{/i
const REPETITION = /^(.{1,32}?)\1+$/s

/** What to do where there is none. */
export const MAKE_ONE = 'make one with openssl rand -hex 32'

/** A secret of ours: long, and not one that somebody could have read somewhere. */
export const secret = () =>
  z
    .string()
    .check((context) => {
      const weakness = weaknessOf(context.value)
      if (weakness) context.issues.push({ code: 'custom', input: context.value, message: `${weakness}: ${MAKE_ONE}` })
    })
    .register(variableFacts, { secret: 'whole' })

/** Secrets separated by commas, so that one can be replaced by the next while it is still believed. */
export const secrets = () =>
  list()
    .transform((items, context): readonly [string, ...string[]] => {
      const [first, ...others] = items
      const weakness = items.map(weaknessOf).find((found) => found !== undefined)
      if (first !== undefined && weakness === undefined) return [first, ...others]
      context.addIssue(`${weakness} (each, where there are several, separated by commas): ${MAKE_ONE}`)
      return z.NEVER
    })
    .register(variableFacts, { secret: 'whole' })

/** Why `text` is no secret, without repeating it. */
function weaknessOf(text: string): string | undefined {
  if (text.length < MIN_CHARS) return `must have ${MIN_CHARS} characters or more`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (/^\s|\s$|[\x00-\x1f\x7f]/.test(text)) return 'must not begin or end with a space, nor hold control characters'
  if (new Set(text).size < MIN_DISTINCT || PLACEHOLDER.test(text) || REPETITION.test(text) || isRun(text)) {
    return 'must be random, and is one that anybody would try'
  }
  return undefined
}

/** True where most of it is in order, as `0123456789abcdef…` is. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (char) => char.charCodeAt(0))
  const steps = codes.filter((code, at) => code - (codes[at - 1] ?? code) === 1).length
  return steps > text.length / 2
}
