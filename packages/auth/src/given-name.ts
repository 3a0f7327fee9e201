import { boundedText } from '@daytona-auth/service'
import type * as z from 'zod'

/** The most UTF-16 code units of a name as sent: one character of NFC has four of them at most, decomposed. */
export const NAME_UNITS = 512

/** What a person types as a name: NFC and without space around it, 1 to 128 characters, none of them a control one. */
export const GivenName: z.ZodString = boundedText({ max: NAME_UNITS, error: 'must have 128 characters at most' })
  .overwrite((text) => text.normalize('NFC').trim())
  .refine((text) => text !== '', 'must not be empty')
  .refine((text) => [...text].length <= 128, 'must have 128 characters at most')
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'must not have control characters')
  .meta({ minLength: 1, maxLength: 128 })
