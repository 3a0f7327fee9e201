import { apiShape } from '@daytona-auth/api'
import { providerShape } from '@daytona-auth/oidc'
import { serviceShape } from '@daytona-auth/service'

/** Every variable that each of our programs asks for. */
export const shapes = {
  api: apiShape,
  oidc: providerShape,
  migrate: { DATABASE_URL: serviceShape.DATABASE_URL, DATABASE_WAIT: serviceShape.DATABASE_WAIT },
}
