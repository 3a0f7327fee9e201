import { compact } from '../../../ui/search-params.ts'

const DIALOGS = ['disable', 'delete'] as const
export type OpenDialog = (typeof DIALOGS)[number]

export interface ApiSearch {
  readonly open?: OpenDialog
}

export const apiSearch = (search: Record<string, unknown>): ApiSearch =>
  compact({ open: DIALOGS.find((one) => one === search['open']) })
