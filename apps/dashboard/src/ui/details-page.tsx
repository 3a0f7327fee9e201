import { DaytonaAuthError } from '@daytona-auth/sdk'
import type { UseQueryResult } from '@tanstack/react-query'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { type BackLink, Page } from './page.tsx'
import { EmptyState, NoPermission, QueryStates, Skeleton } from './states.tsx'

/**
 * The page of one thing: its states until it has been read, then `children`. It is missing if the API answers 404, or if
 * `find` returns nothing.
 */
export function DetailsPage<Data, Thing>({
  query,
  find,
  kind,
  back,
  icon,
  missing,
  action,
  isNarrow = false,
  children,
}: {
  readonly query: UseQueryResult<Data>
  /** Returns the thing from what was read. */
  readonly find: (data: Data) => Thing | null | undefined
  /** What it is, in a sentence: "app". */
  readonly kind: string
  readonly back: BackLink
  readonly icon: LucideIcon
  /** Why there may be none of that id. */
  readonly missing: string
  /** What the permission is needed for, after a 403. */
  readonly action: string
  readonly isNarrow?: boolean
  readonly children: (thing: Thing) => ReactNode
}) {
  const title = kind.charAt(0).toUpperCase() + kind.slice(1)
  const notFound = (
    <Page title={`${title} not found`} back={back}>
      <EmptyState icon={icon} title={`There is no such ${kind}`}>
        <p>{missing}</p>
      </EmptyState>
    </Page>
  )
  if (query.error instanceof DaytonaAuthError && query.error.statusCode === 404) return notFound
  return (
    <QueryStates
      query={query}
      loading={
        <Page title={title} heading={<Skeleton height="2rem" />} back={back} isNarrow={isNarrow}>
          <Skeleton height="16rem" />
        </Page>
      }
      forbidden={
        <Page title={title} back={back}>
          <NoPermission permission="admin:organization" action={action} />
        </Page>
      }
    >
      {(data) => {
        const thing = find(data)
        return thing == null ? notFound : children(thing)
      }}
    </QueryStates>
  )
}
