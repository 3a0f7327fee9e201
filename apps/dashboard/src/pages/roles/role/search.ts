import { compact } from '../../../ui/search-params.ts'

/** What is open over the page. */
export interface RoleSearch {
  readonly open?: 'delete'
}

export const roleSearch = (search: Record<string, unknown>): RoleSearch =>
  compact({ open: search['open'] === 'delete' ? 'delete' : undefined } as const)
