import { apiShape, migrationShape, providerShape } from '@daytona-auth/service'

const { DATABASE_URL, DATABASE_WAIT } = apiShape

/** Every variable that each of our programs asks for. */
export const shapes = {
  api: apiShape,
  oidc: providerShape,
  migrate: { DATABASE_URL, DATABASE_WAIT, ...migrationShape },
}
