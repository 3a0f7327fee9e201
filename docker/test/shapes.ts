import { apiShape } from '@daytona-auth/configuration/api'
import { migrationShape } from '@daytona-auth/configuration/migration'
import { providerShape } from '@daytona-auth/configuration/provider'

const { DATABASE_URL, DATABASE_WAIT } = apiShape

/** The variables that each program reads. */
export const shapes = {
  api: apiShape,
  oidc: providerShape,
  migrate: { DATABASE_URL, DATABASE_WAIT, ...migrationShape },
}
