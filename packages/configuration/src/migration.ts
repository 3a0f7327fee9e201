import * as z from 'zod'

/** A name as PostgreSQL stores it. */
const role = z.string().regex(/^[^\0]{1,63}$/, 'must be the name of a role')

/** The variables of `daytona-auth migrate` besides those of the database: the roles that it grants privileges to. */
export const migrationShape = {
  API_DATABASE_ROLE: role
    .optional()
    .describe(
      'The role that the API connects as. Each migration grants it what the API needs and revokes anything else.',
    ),
  PROVIDER_DATABASE_ROLE: role.optional().describe('The same for the provider. Both may have one role.'),
}
