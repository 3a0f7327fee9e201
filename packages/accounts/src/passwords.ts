import { randomBytes } from 'node:crypto'
import type { AccountSentence } from './language/german.ts'

export const MIN_PASSWORD_CHARACTERS = 12
export const MAX_PASSWORD_BYTES = 1024

/** 144 bits, in 24 characters. */
const GENERATED_BYTES = 18

/** Enough of a name and an address to find them in a password. Each word costs time in the estimate. */
const MAX_KNOWN_WORDS = 8
const MAX_KNOWN_WORD_CHARS = 64

/** The person who chooses a password. */
export interface PasswordOwner {
  readonly email: string
  readonly name: string
}

/** Returns why `password` may not be chosen, by its length and its owner only. Makes no estimate. */
export function passwordFormProblem(password: string, owner: PasswordOwner): AccountSentence | undefined {
  // UTF-8 never has fewer bytes than UTF-16 has code units, so `normalize` runs on short texts only.
  if (password.length > MAX_PASSWORD_BYTES || Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return 'This password is too long.'
  }
  if ([...password.normalize('NFC')].length < MIN_PASSWORD_CHARACTERS) {
    return `Use at least ${MIN_PASSWORD_CHARACTERS} characters.` as const
  }
  const own = [owner.email, owner.name, ...knownWordsOf(owner)].map((word) => word.toLowerCase())
  if (own.includes(password.trim().toLowerCase())) {
    return 'Do not use your name or email address as the password.'
  }
  return undefined
}

/**
 * Returns words of a person's name and address in lower case, bounded in number and length. The lengths of both must have
 * been checked.
 */
export function knownWordsOf({ email, name }: PasswordOwner): string[] {
  const parts = [...email.split(/[@.+_-]/, MAX_KNOWN_WORDS), ...name.split(/\s+/, MAX_KNOWN_WORDS)]
  return ['daytona', email, name, ...parts]
    .map((word) => word.slice(0, MAX_KNOWN_WORD_CHARS).toLowerCase())
    .filter((word) => word.length > 2)
}

/** Generates a random password, for an account that an operator creates for another person. */
export const makePassword = (): string => randomBytes(GENERATED_BYTES).toString('base64url')
