import { randomBytes } from 'node:crypto'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

export const MIN_PASSWORD_CHARACTERS = 12
export const MAX_PASSWORD_BYTES = 1024

/**
 * How much of a password is estimated: the time grows faster than the length, 20 ms at worst for this many characters
 * on the machine that the limit was chosen on, and what is common shows itself within them.
 */
const ESTIMATED_CHARACTERS = 40

/** 144 bits, in 24 characters. */
const MADE_BYTES = 18

/** Of 4. Below 2, a million guesses (a list of common passwords and the usual tricks with them) suffice. */
const MIN_SCORE = 2

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })

/**
 * Why `password` may not be chosen, in words for the person who chose it; undefined if it may.
 * NIST SP 800-63B §5.1.1.2: long enough, and not common, expected or the person's own name or address.
 */
export function passwordProblem(
  password: string,
  person: { readonly email: string; readonly name: string },
): string | undefined {
  const characters = [...password.normalize('NFC')]
  if (characters.length < MIN_PASSWORD_CHARACTERS) return `Use at least ${MIN_PASSWORD_CHARACTERS} characters.`
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return 'This password is too long.'

  const own = [person.email, ...person.email.split(/[@.+_-]/), person.name, ...person.name.split(/\s+/), 'daytona']
  const known = own.map((word) => word.toLowerCase()).filter((word) => word.length > 2)
  if (known.includes(password.trim().toLowerCase())) return 'Do not use your name or email address as the password.'

  const { score } = estimator.check(characters.slice(0, ESTIMATED_CHARACTERS).join(''), known)
  if (score < MIN_SCORE) return 'This password is too easy to guess. A few unrelated words work well.'
  return undefined
}

/** A password that nobody guesses, for an account that somebody makes for another. */
export const makePassword = (): string => randomBytes(MADE_BYTES).toString('base64url')
