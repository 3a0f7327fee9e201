import { choiceOf, compact, textOf } from '../../ui/search-params.ts'

export const TABS = ['profile', 'sessions', 'apps'] as const
export type Tab = (typeof TABS)[number]

/** What is asked over the page. `session` and `app` are about the row `id`. */
export const DIALOGS = ['end-others', 'session', 'app'] as const
export type OpenDialog = (typeof DIALOGS)[number]

export interface AccountSearch {
  readonly tab?: Tab | undefined
  readonly open?: OpenDialog
  readonly id?: string
}

export const accountSearch = (search: Record<string, unknown>): AccountSearch =>
  compact({
    tab: choiceOf(search, 'tab', TABS),
    open: DIALOGS.find((one) => one === search['open']),
    id: textOf(search, 'id', 128),
  })
