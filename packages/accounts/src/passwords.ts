import { randomBytes } from 'node:crypto'

export const MIN_PASSWORD_CHARACTERS = 12
export const MAX_PASSWORD_BYTES = 1024

/** 144 bits, in 24 characters. */
const MADE_BYTES = 18

/** Enough of a name and an address to find them in a password; each word costs the estimate time. */
const MAX_KNOWN_WORDS = 8
const MAX_KNOWN_WORD_CHARS = 64

/** The person whose password it is to be. */
export interface PasswordOwner {
  readonly email: string
  readonly name: string
}

/** Why `password` may not be chosen, as far as its length and its owner decide it. Costs no estimate. */
export function passwordFormProblem(password: string, owner: PasswordOwner): string | undefined {
  // UTF-8 never has fewer bytes than UTF-16 has code units: `normalize` is only for what is short.
  if (password.length > MAX_PASSWORD_BYTES || Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return 'This password is too long.'
  }
  if ([...password.normalize('NFC')].length < MIN_PASSWORD_CHARACTERS) {
    return `Use at least ${MIN_PASSWORD_CHARACTERS} characters.`
  }
  const own = [owner.email, owner.name, ...knownWordsOf(owner)].map((word) => word.toLowerCase())
  if (own.includes(password.trim().toLowerCase())) {
    return 'Do not use your name or email address as the password.'
  }
  return undefined
}

/**
 * The words that a person is known by, in lower case: bounded in number and length, whatever they called themselves. Not
 * for a name or address whose length was not checked.
 */
export function knownWordsOf({ email, name }: PasswordOwner): string[] {
  const parts = [...email.split(/[@.+_-]/, MAX_KNOWN_WORDS), ...name.split(/\s+/, MAX_KNOWN_WORDS)]
  return ['daytona', email, name, ...parts]
    .map((word) => word.slice(0, MAX_KNOWN_WORD_CHARS).toLowerCase())
    .filter((word) => word.length > 2)
}

/** A password that nobody guesses, for an account that somebody makes for another. */
export const makePassword = (): string => randomBytes(MADE_BYTES).toString('base64url')
