import { choiceOf, compact } from '../../ui/search-params.ts'

export const TABS = ['general', 'usage', 'sign-on', 'app-access'] as const
export type Tab = (typeof TABS)[number]

export const SPANS = ['30d', '24h', '7d', '90d'] as const
export type Span = (typeof SPANS)[number]

export const DIALOGS = ['leave', 'delete'] as const
export type OpenDialog = (typeof DIALOGS)[number]

export interface SettingsSearch {
  readonly tab?: Tab | undefined
  readonly span?: Span
  readonly sort?: string
  readonly open?: OpenDialog
}

const SORTS = ['-allowed', 'allowed', 'name', '-name', 'denied', '-denied', 'lastUsed', '-lastUsed'] as const

export const settingsSearch = (search: Record<string, unknown>): SettingsSearch =>
  compact({
    tab: choiceOf(search, 'tab', TABS),
    span: choiceOf(search, 'span', SPANS),
    sort: choiceOf(search, 'sort', SORTS),
    open: DIALOGS.find((one) => one === search['open']),
  })
