import { passwordProblem } from './passwords.ts'

/** What is wrong, by field, in words for the person. */
export type AccountProblems = Readonly<Partial<Record<'name' | 'email' | 'password', string>>>

/** The form in which a person's name is kept: without space around it, NFC. */
export const normalizeName = (name: string): string => name.trim().normalize('NFC')

/** What is wrong with normalised input; empty if nothing is. */
export function accountProblems(person: { name: string; email: string; password: string }): AccountProblems {
  const password = passwordProblem(person.password, person)
  return {
    ...(!isName(person.name) && { name: 'Enter your name, in at most 128 characters.' }),
    ...(!isEmail(person.email) && { email: 'Enter an email address, like name@example.com.' }),
    ...(password !== undefined && { password }),
  }
}

/** Control and format characters could hide or reorder what others see of the name. */
const isName = (name: string): boolean =>
  name !== '' && [...name].length <= 128 && name.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name)

/**
 * RFC 5321 §4.5.3.1 for the lengths. Whether mail arrives there is for a mail to find out; this keeps out what cannot
 * be an address and what would look like another one.
 */
const isEmail = (email: string): boolean =>
  Buffer.byteLength(email) <= 254 &&
  email.isWellFormed() &&
  /^[^\s@"<>()[\]\\,;:\p{Cc}\p{Cf}]{1,64}@[\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)*$/u.test(email)
