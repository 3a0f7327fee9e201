import { choiceOf, compact } from '../../../ui/search-params.ts'

const SORTS = ['-createdAt', 'createdAt', 'name', '-name'] as const

export interface AppsSearch {
  readonly sort?: string
}

export const appsSearch = (search: Record<string, unknown>): AppsSearch =>
  compact({ sort: choiceOf(search, 'sort', SORTS) })
