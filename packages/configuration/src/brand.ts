import * as z from 'zod'

const MAX_NAME = 40

/** How the pages and mails of an installation look. The API and the provider need the same values. */
export const brandShape = {
  BRAND_NAME: z
    .string()
    .regex(
      // A dot inside a word would become a link in mail programs.
      /^(?!.*\.\S)[\p{L}\p{N}](?:[\p{L}\p{N} &'+.-]*[\p{L}\p{N}.])?$/u,
      'must be letters, digits and spaces, and must not look like a domain',
    )
    .max(MAX_NAME, `must have at most ${MAX_NAME} characters`)
    .default('Daytona')
    .describe(
      'The name of this installation on pages and in mails. Apps of organizations cannot have it. The API and the provider need the same value.',
    ),
}
