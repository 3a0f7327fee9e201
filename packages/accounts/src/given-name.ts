import { findNameFault, MAX_NAME_CHARS, normalizeName } from '@daytona-auth/protocol/names'
import { boundedText } from '@daytona-auth/service'
import type * as z from 'zod'

/** The most UTF-16 code units of a name as sent: a character of NFC decomposes into at most four. */
export const NAME_UNITS = MAX_NAME_CHARS * 4

/** A name that a person enters, normalized to NFC and trimmed: 1 to 128 characters, all of them visible. */
export const GivenName: z.ZodString = boundedText({
  max: NAME_UNITS,
  error: `must be at most ${MAX_NAME_CHARS} characters`,
})
  .overwrite(normalizeName)
  .superRefine((name, context) => {
    const message = findNameFault(name)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .meta({ minLength: 1, maxLength: MAX_NAME_CHARS })
