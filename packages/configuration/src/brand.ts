import { variableFacts } from '@daytona-auth/service'
import * as z from 'zod'
import { readLogo } from './brand-logo.ts'

const MAX_NAME = 40

/** The name of an installation. The API and the provider need the same value. */
export const brandShape = {
  BRAND_NAME: z
    .string()
    .max(MAX_NAME, `must have at most ${MAX_NAME} characters`)
    .regex(
      // A dot inside a word would become a link in mail programs.
      /^(?!.*\.\S)[\p{L}\p{N}](?:[\p{L}\p{N} &'+.-]*[\p{L}\p{N}.])?$/u,
      'must be letters, digits and spaces, and must not look like a domain',
    )
    .default('Daytona')
    .describe(
      'The name of this installation on pages, in mails, in authenticator apps and of our own apps. Apps of others cannot have it. The API and the provider need the same value.',
    ),
}

/** How the pages of the provider look. */
export const pageBrandShape = {
  BRAND_COLOR: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'must be a color such as #0b57d0')
    .optional()
    .register(variableFacts, { example: '#0b57d0' })
    .describe(
      'The color of buttons and links on the pages. It is made darker on light and lighter on dark backgrounds, until text has a contrast of 4.5:1.',
    ),
  BRAND_LOGO: z
    .string()
    .transform((path, context) => {
      try {
        return readLogo(path)
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : 'must be a readable file')
        return z.NEVER
      }
    })
    .optional()
    .register(variableFacts, { example: '/etc/daytona-auth/logo.svg' })
    .describe(
      'The path of an SVG or PNG image of at most 256 KiB, shown beside the name on the pages. Without scripts and links to other files.',
    ),
}
