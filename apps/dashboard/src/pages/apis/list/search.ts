import { choiceOf, compact } from '../../../ui/search-params.ts'

const SORTS = ['-createdAt', 'createdAt', 'name', '-name'] as const

export interface ApisSearch {
  readonly sort?: string
}

export const apisSearch = (search: Record<string, unknown>): ApisSearch =>
  compact({ sort: choiceOf(search, 'sort', SORTS) })
