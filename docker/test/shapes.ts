import { apiShape, migrationShape, providerShape } from '@daytona-auth/service'

const { DATABASE_URL, DATABASE_WAIT } = apiShape

/** The variables that each program reads. */
export const shapes = {
  api: apiShape,
  oidc: providerShape,
  migrate: { DATABASE_URL, DATABASE_WAIT, ...migrationShape },
}
