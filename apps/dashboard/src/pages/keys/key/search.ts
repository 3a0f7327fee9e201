import { choiceOf, compact } from '../../../ui/search-params.ts'

export const TABS = ['overview', 'usage', 'activity', 'settings'] as const
export type Tab = (typeof TABS)[number]

export const SPANS = ['24h', '7d', '30d', '90d'] as const
export type Span = (typeof SPANS)[number]

/** What is open over the page. */
export const DIALOGS = ['rotate', 'end-previous', 'revoke'] as const
export type OpenDialog = (typeof DIALOGS)[number]

export interface KeySearch {
  readonly tab?: Tab | undefined
  readonly span?: Span
  readonly open?: OpenDialog
}

export const keySearch = (search: Record<string, unknown>): KeySearch =>
  compact({
    tab: choiceOf(search, 'tab', TABS),
    span: choiceOf(search, 'span', SPANS),
    open: DIALOGS.find((one) => one === search['open']),
  })
