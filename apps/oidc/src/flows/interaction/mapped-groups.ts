import { MAX_GROUP_ROLES } from '@daytona-auth/db/organizations'
import { boundedList, boundedText } from '@daytona-auth/service'

/** The groups of a person in signed content, while the person proves an account or enters a second factor. */
export const MappedGroups = boundedList(boundedText({ max: 64 }), { max: MAX_GROUP_ROLES })
  .readonly()
  .optional()
