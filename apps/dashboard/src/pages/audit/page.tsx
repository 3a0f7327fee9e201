import './page.css'
import type { AuditLog } from '@daytona-auth/sdk'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Braces, History, X } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react'
import { type AuditFilter, auditOf } from '../../api/audit.ts'
import { members } from '../../api/organizations.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { IpAddress } from '../../ui/ip-address.tsx'
import { ActionsPlaceholder, Page } from '../../ui/page.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { compact, type SearchChange } from '../../ui/search-params.ts'
import { Select } from '../../ui/select.tsx'
import { EmptyState, NoPermission, QueryStates } from '../../ui/states.tsx'
import { EventDrawer } from './event-drawer.tsx'
import { LiveBar } from './live-bar.tsx'
import { useLiveEvents } from './live-events.ts'
import { type AuditSearch, FILTERS, type FilterName, filterChange, isMatch, type Span } from './search.ts'
import { actorOf, type Names, targetOf, verbOf } from './sentences.ts'
import { useTrailActions } from './trail-actions.tsx'

const route = getRouteApi('/o/$organizationId/audit')

const HOUR_MS = 60 * 60 * 1000

const SPAN_MS: Record<Exclude<Span, 'all'>, number> = {
  '1h': HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
  '30d': 30 * 24 * HOUR_MS,
}

const SPAN_OPTIONS: readonly { value: Span; label: string }[] = [
  { value: 'all', label: 'All time' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
]

const FILTER_LABELS: Record<FilterName, string> = {
  actorEmail: 'By',
  actorApiKeySuffix: 'With the key ending in',
  action: 'Action',
  targetType: 'Kind',
  targetId: 'About',
  statusCode: 'Status',
}

/** What was done in the organization, as sentences. A press on a value filters by it. */
export function AuditPage() {
  const { organizationId } = route.useParams()
  // New events and results belong to one organization.
  return <Trail key={organizationId} organizationId={organizationId} />
}

function Trail({ organizationId }: { readonly organizationId: string }) {
  const search = route.useSearch()
  const { span = 'all', event, live: isLive = 'off' } = search
  const navigate = route.useNavigate()
  const change = useCallback(
    (next: SearchChange<AuditSearch>) => void navigate({ search: (before) => compact({ ...before, ...next }) }),
    [navigate],
  )
  const filter = useFilter(search)
  const query = useInfiniteQuery(auditOf(organizationId, filter))
  const isOn = isLive === 'on' && query.data !== undefined
  const { refetch } = query
  const live = useLiveEvents(organizationId, {
    isOn,
    filter: JSON.stringify(filter),
    isMatch: (one) => isMatch(one, search),
    readList: useCallback(async () => (await refetch()).isSuccess, [refetch]),
  })
  const linked = useInfiniteQuery({ ...auditOf(organizationId, { id: event ?? '' }), enabled: event !== undefined })
  const people = useQuery(members(organizationId)).data
  const names = useMemo(() => new Map(people?.map(({ userId, name, email }) => [userId, name || email])), [people])
  const columns = useMemo(() => columnsFor(change, names), [change, names])
  const chosen = FILTERS.flatMap((name) => {
    const value = search[name]
    return value === undefined ? [] : { name, value }
  })
  const trail = useTrailActions(organizationId, filter)
  const isFiltered = chosen.length > 0 || span !== 'all'
  return (
    <Page
      title="Audit"
      lead="Who did what in this organization, newest first."
      actions={query.isPending ? <ActionsPlaceholder /> : query.data !== undefined && trail.buttons}
    >
      {trail.outcome}
      <div className="card audit-list">
        <div className="audit-filters">
          <Select
            label="Time range"
            value={span}
            options={SPAN_OPTIONS}
            onValueChange={(next) => change({ span: next === 'all' ? undefined : next })}
          />
          {chosen.map(({ name, value }) => (
            <Button key={name} onClick={() => change(filterChange(name, undefined))}>
              <span className="soft">{FILTER_LABELS[name]}</span>
              <bdi>{value}</bdi>
              <span className="visually-hidden">: remove this filter</span>
              <X className="icon" aria-hidden="true" />
            </Button>
          ))}
          <LiveBar
            isOn={isLive === 'on'}
            onToggle={() => change({ live: isLive === 'on' ? undefined : 'on' })}
            live={live}
          />
        </div>
        <QueryStates
          query={query}
          loading={
            <DataTable label="Events" columns={columns} rows={undefined} rowId={idOf} rowName={idOf} empty={null} />
          }
          forbidden={<NoPermission permission="admin:organization" action="read the audit trail" />}
        >
          {({ pages }) => {
            const read = pages.flatMap(({ items }) => items)
            const ids = new Set(read.map(idOf))
            const events = [
              ...(isOn ? live.events.filter((one) => isMatch(one, search) && !ids.has(one.id)) : []),
              ...read,
            ]
            return (
              <>
                <DataTable
                  label="Events"
                  columns={columns}
                  rows={events}
                  rowId={idOf}
                  rowName={idOf}
                  empty={
                    <EmptyState icon={History} title={isFiltered ? 'No event matches' : 'Nothing was recorded yet'}>
                      {isFiltered && <p>Remove a filter, or choose a longer time range.</p>}
                    </EmptyState>
                  }
                />
                <EventDrawer
                  // A link may lead to an event that is on a later page, or that the filters leave out.
                  event={events.find(({ id }) => id === event) ?? linked.data?.pages[0]?.items[0]}
                  names={names}
                  onClose={() => change({ event: undefined })}
                />
              </>
            )
          }}
        </QueryStates>
      </div>
      {query.hasNextPage && (
        <LoadMore
          isBusy={query.isFetching}
          isFailed={query.isError}
          onLoad={() => void query.fetchNextPage({ cancelRefetch: false })}
        />
      )}
    </Page>
  )
}

/** Loads the next page when it comes into view, and on a press; after a failure, on a press only. */
function LoadMore({
  isBusy,
  isFailed,
  onLoad,
}: {
  readonly isBusy: boolean
  readonly isFailed: boolean
  readonly onLoad: () => void
}) {
  const placeRef = useRef<HTMLDivElement>(null)
  const load = useRef(onLoad)
  useEffect(() => {
    load.current = onLoad
  })
  useEffect(() => {
    if (isBusy || isFailed || !placeRef.current) return
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) load.current()
    })
    observer.observe(placeRef.current)
    return () => observer.disconnect()
  }, [isBusy, isFailed])
  return (
    <div className="row" ref={placeRef}>
      <Button isBusy={isBusy} onClick={onLoad}>
        Load more
      </Button>
    </div>
  )
}

/** Returns the API's filter. A time range begins when it was chosen, so that further pages continue the same list. */
function useFilter({
  span = 'all',
  actorEmail,
  actorApiKeySuffix,
  action,
  targetType,
  targetId,
  statusCode,
}: AuditSearch): AuditFilter {
  const from = useMemo(() => {
    if (span === 'all') return undefined
    return new Date(Date.now() - SPAN_MS[span]).toISOString()
  }, [span])
  return compact({
    from,
    actorEmail,
    actorApiKeySuffix,
    action,
    targetType,
    targetId,
    statusCode: statusCode === undefined ? undefined : Number(statusCode),
  })
}

const idOf = ({ id }: AuditLog): string => id

const columnsFor = (change: (next: SearchChange<AuditSearch>) => void, names: Names): Column<AuditLog>[] => {
  const filterBy = (name: FilterName, value: string, shown: ReactNode = <bdi>{value}</bdi>) => (
    <button
      type="button"
      className="value-filter"
      title={`Show only ${value}`}
      onClick={() => change(filterChange(name, value))}
    >
      {shown}
    </button>
  )
  return [
    {
      id: 'event',
      header: 'Event',
      kind: 'title',
      cell: (event) => {
        const { actorEmail, actorApiKeySuffix, action, targetId } = event
        const target = targetOf(event, names)
        return (
          <span className="audit-sentence">
            {actorEmail === null ? (
              <bdi>{actorOf(event, names)}</bdi>
            ) : (
              filterBy('actorEmail', actorEmail, <bdi>{actorOf(event, names)}</bdi>)
            )}
            {actorApiKeySuffix !== undefined && (
              <> with a key ending in {filterBy('actorApiKeySuffix', actorApiKeySuffix)}</>
            )}{' '}
            {filterBy('action', action, <span className="audit-verb">{verbOf(event)}</span>)}
            {target !== undefined && targetId !== null && <> {filterBy('targetId', targetId, <bdi>{target}</bdi>)}</>}
          </span>
        )
      },
    },
    {
      id: 'outcome',
      header: 'Outcome',
      cell: ({ statusCode }) =>
        statusCode === null || statusCode < 400 ? (
          <Chip tone="good">Allowed</Chip>
        ) : (
          filterBy('statusCode', String(statusCode), <Chip tone="bad">{`Denied, ${statusCode}`}</Chip>)
        ),
    },
    { id: 'address', header: 'Address', cell: ({ ipAddress }) => <IpAddress address={ipAddress} /> },
    { id: 'time', header: 'When', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
    {
      id: 'actions',
      header: '',
      kind: 'actions',
      cell: ({ id, action }) => (
        <Button kind="plain" isIconOnly aria-label={`Details of ${action}`} onClick={() => change({ event: id })}>
          <Braces className="icon" aria-hidden="true" />
        </Button>
      ),
    },
  ]
}
