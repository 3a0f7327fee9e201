/** RFC 5321 §4.5.3.1.3, without the angle brackets. An address never has more code units than bytes. */
export const MAX_EMAIL_BYTES = 254

/** RFC 1035 §2.3.4, in its textual form. A domain in another script may have fewer characters, never more. */
export const MAX_DOMAIN_LENGTH = 253

/**
 * Whether a normalized text has the form of an address, with the lengths of RFC 5321 §4.5.3.1. Excludes addresses that would
 * look like another one, and texts that a mail program would read as several. Only a mail shows whether mail arrives.
 */
export const isEmailAddress = (email: string): boolean =>
  Buffer.byteLength(email) <= MAX_EMAIL_BYTES &&
  email.isWellFormed() &&
  /^[^\s@"<>()[\]\\,;:\p{Cc}\p{Cf}]{1,64}@[\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)*$/u.test(email)
