import { PERMISSIONS, type Permission } from '@daytona-auth/sdk'
import { EXPIRY_CHOICES, type ExpiryChoice } from '../../../ui/expiry.ts'
import { choiceOf, compact, textOf } from '../../../ui/search-params.ts'

/** What a link may fill in. Nothing is created before the person presses the button. */
export interface NewKeySearch {
  readonly name?: string
  /** Separated by commas. */
  readonly permissions?: string
  readonly expires?: ExpiryChoice
  /** For `expires=date`: a day. */
  readonly date?: string
}

export const newKeySearch = (search: Record<string, unknown>): NewKeySearch =>
  compact({
    name: textOf(search, 'name', 128),
    permissions: textOf(search, 'permissions', 400),
    // The router parses `expires=7` as a number.
    expires: choiceOf({ expires: String(search['expires']) }, 'expires', EXPIRY_CHOICES),
    date: /^\d{4}-\d{2}-\d{2}$/.exec(String(search['date']))?.[0],
  })

/** The known permissions of a list that is separated by commas. */
export const parsePermissions = (list = ''): Permission[] => {
  const names = new Set(list.split(/[\s,]+/))
  return PERMISSIONS.filter((name) => names.has(name))
}
