import { boundedText } from '@daytona-auth/service'
import { z } from 'zod'

/** The session at another provider in signed content, while the person proves an account or enters a second factor. */
export const SignedIdentitySession = z
  .object({ sid: boundedText({ max: 64 }).optional(), issuedAt: z.number() })
  .readonly()
  .optional()
