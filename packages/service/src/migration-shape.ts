import * as z from 'zod'

/** A name as PostgreSQL stores it. */
const role = z.string().regex(/^[^\0]{1,63}$/, 'must be the name of a role')

/** What `daytona-auth migrate` reads beside the database's variables: the roles that it grants what the servers need. */
export const migrationShape = {
  API_DATABASE_ROLE: role
    .optional()
    .describe(
      'The role that the API connects as: each migration grants it what the API needs, and revokes anything else.',
    ),
  PROVIDER_DATABASE_ROLE: role.optional().describe('The same for the provider. Both may have one role.'),
}
