import { boundedText } from '@daytona-auth/service'
import type * as z from 'zod'

/** The most UTF-16 code units of a name as sent: a character of NFC decomposes into at most four. */
export const NAME_UNITS = 512

/**
 * Characters that hide, reorder or break text: control characters, line and paragraph separators, text direction and
 * zero-width characters, which include the joiner of emoji sequences and variation selectors.
 */
export const FORBIDDEN_IN_NAMES =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u{fff9}-\u{fffb}]/u

/** A name that a person enters, normalized to NFC and trimmed: 1 to 128 characters, all of them visible. */
export const GivenName: z.ZodString = boundedText({ max: NAME_UNITS, error: 'must have 128 characters at most' })
  .overwrite((text) => text.normalize('NFC').trim())
  .refine((text) => text !== '', 'must not be empty')
  .refine((text) => [...text].length <= 128, 'must have 128 characters at most')
  .refine(
    (text) => text.isWellFormed() && !FORBIDDEN_IN_NAMES.test(text),
    'must not have control, invisible or text direction characters',
  )
  .meta({ minLength: 1, maxLength: 128 })
