import type { OrganizationId } from '@daytona-auth/db/core'
import { StartupError } from '@daytona-auth/service'

/** Parses the id of an organization. @throws StartupError if it is not one */
export function organizationOf(argument: string): OrganizationId {
  if (/^org_[0-9a-z_]{1,40}$/.test(argument)) return argument as OrganizationId // by its form
  throw new StartupError('<organization-id> must be the id of an organization, as in org_…')
}

/** An error and not a success: a trail that was removed as a whole looks the same. */
export const noTrail = (organizationId: OrganizationId) =>
  new StartupError(`there is no audit trail of ${organizationId}: check the id`)
