import type { OrganizationUser, UsageTotal } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChartColumn } from 'lucide-react'
import { useMemo } from 'react'
import { organizationUsage } from '../../api/organization-usage.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { RelativeTime, useNow } from '../../ui/relative-time.tsx'
import { Select } from '../../ui/select.tsx'
import { EmptyState, ErrorNotice } from '../../ui/states.tsx'
import { KeyStatus } from '../keys/key-status.tsx'
import type { Span } from './search.ts'

const HOUR_MS = 60 * 60 * 1000
const SPAN_HOURS: Readonly<Record<Span, number>> = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24, '90d': 90 * 24 - 1 }

const SPAN_OPTIONS: readonly { readonly value: Span; readonly label: string }[] = [
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' },
]

const count = new Intl.NumberFormat('en')

/** Requests with each key, allowed and denied, most used first. */
export function UsageTotals({
  organizationId,
  span,
  sort,
  members,
  onSpanChange,
  onSortChange,
}: {
  readonly organizationId: string
  readonly span: Span
  readonly sort: string
  readonly members: readonly OrganizationUser[] | undefined
  readonly onSpanChange: (span: Span) => void
  readonly onSortChange: (sort: string) => void
}) {
  const now = useNow()
  // Whole hours, so that the query stays the same while the page is open.
  const hour = Math.floor(now / HOUR_MS)
  const from = useMemo(() => new Date((hour - SPAN_HOURS[span] + 1) * HOUR_MS).toISOString(), [hour, span])
  const query = useQuery(organizationUsage(organizationId, from))
  const ownerOf = useMemo(() => {
    const names = new Map(members?.map(({ userId, name, email }) => [userId, name || email]))
    return (userId: string): string => names.get(userId) ?? userId
  }, [members])
  const columns = useMemo(() => columnsFor(organizationId, ownerOf), [organizationId, ownerOf])
  const { data, error } = query
  return (
    <section className="card" aria-label="Usage">
      <div className="totals-bar">
        <Select label="Time" value={span} options={SPAN_OPTIONS} onValueChange={onSpanChange} />
        <p role="status">
          {data && `${count.format(data.allowed)} requests allowed, ${count.format(data.denied)} denied`}
        </p>
      </div>
      {error && (
        <div className="totals-bar">
          <ErrorNotice error={error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {(data || !error) && (
        <DataTable
          label="Usage per key"
          columns={columns}
          rows={data?.items}
          rowId={({ id }) => id}
          rowName={({ name }) => name}
          sort={sort}
          onSortChange={onSortChange}
          empty={
            <EmptyState icon={ChartColumn} title="No key yet">
              <p>Requests with API keys are counted here within seconds.</p>
            </EmptyState>
          }
        />
      )}
    </section>
  )
}

const columnsFor = (organizationId: string, ownerOf: (userId: string) => string): Column<UsageTotal>[] => [
  {
    id: 'name',
    header: 'Key',
    kind: 'title',
    sortValue: ({ name }) => name,
    cell: ({ id, name }) => (
      <Link
        to="/o/$organizationId/keys/$keyId"
        params={{ organizationId, keyId: id }}
        search={{ tab: 'usage' }}
        className="title-link"
      >
        <bdi>{name}</bdi>
      </Link>
    ),
  },
  { id: 'owner', header: 'Owner', cell: ({ userId }) => <bdi>{ownerOf(userId)}</bdi> },
  {
    id: 'allowed',
    header: 'Allowed',
    sortValue: ({ allowed }) => allowed,
    cell: ({ allowed }) => count.format(allowed),
  },
  { id: 'denied', header: 'Denied', sortValue: ({ denied }) => denied, cell: ({ denied }) => count.format(denied) },
  {
    id: 'lastUsed',
    header: 'Last used',
    sortValue: ({ lastUsedAt }) => Date.parse(lastUsedAt ?? '') || 0,
    cell: ({ lastUsedAt, lastUsedIp }) =>
      lastUsedAt === null ? (
        <span className="soft">Never</span>
      ) : (
        <span>
          <RelativeTime at={lastUsedAt} /> {lastUsedIp !== null && <code className="soft">{lastUsedIp}</code>}
        </span>
      ),
  },
  { id: 'status', header: 'Status', cell: ({ status }) => <KeyStatus status={status} /> },
]
