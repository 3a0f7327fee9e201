import { choiceOf, compact, textOf } from '../../ui/search-params.ts'

/** The dialogs of the page: `access`, `remove` and `cancel` are about the row `id`. */
export const DIALOGS = ['invite', 'access', 'remove', 'cancel'] as const

export type OpenDialog = (typeof DIALOGS)[number]

/** The state of the list that is in the URL. */
export interface MembersSearch {
  readonly q?: string
  readonly sort?: string
  readonly open?: OpenDialog
  /** The id of a user or an invitation. */
  readonly id?: string
}

const SORTS = ['name', '-name', 'since', '-since'] as const

export const membersSearch = (search: Record<string, unknown>): MembersSearch =>
  compact({
    q: textOf(search, 'q'),
    sort: choiceOf(search, 'sort', SORTS),
    open: DIALOGS.find((one) => one === search['open']),
    id: textOf(search, 'id', 128),
  })
