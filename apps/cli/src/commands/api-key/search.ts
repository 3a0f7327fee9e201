import type { DaytonaAuth, Permission } from '@daytona-auth/sdk'

type Query = NonNullable<Parameters<DaytonaAuth['apiKeys']['list']>[0]>
type Status = NonNullable<Query['status']>
type Sort = NonNullable<Query['sort']>

export const STATUSES = ['active', 'expiring', 'unused', 'expired', 'revoked', 'all'] as const satisfies Status[]

export const SORTS = [
  'createdAt',
  '-createdAt',
  'name',
  '-name',
  'expiresAt',
  '-expiresAt',
  'lastUsedAt',
  '-lastUsedAt',
] as const satisfies Sort[]

export interface SearchOptions {
  readonly search?: string | undefined
  readonly status?: Status | undefined
  readonly all?: true | undefined
  readonly permission?: Permission | undefined
  readonly sort?: Sort | undefined
}

/** Returns the query of the API, whose members the dashboard's page takes too. */
export const toKeyQuery = ({ search, status, all, permission, sort }: SearchOptions) => ({
  ...(search !== undefined && { q: search }),
  ...(status !== undefined && { status }),
  ...(all && { status: 'all' as const }),
  ...(permission !== undefined && { permission }),
  ...(sort !== undefined && { sort }),
})
