import './usage.css'
import type { ApiKey } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ChartColumn } from 'lucide-react'
import { useMemo } from 'react'
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { apiKeyUsage } from '../../../api/api-keys.ts'
import { ChoiceGroup } from '../../../ui/choice-group.tsx'
import { RelativeTime, useNow } from '../../../ui/relative-time.tsx'
import { EmptyState, QueryStates, Skeleton } from '../../../ui/states.tsx'
import { type Bucket, fillBuckets, formatBucket, spanFor } from './buckets.ts'
import { describeDenial, sumDenials } from './denial-reasons.ts'
import type { Span } from './search.ts'

const CHOICES: readonly { readonly value: Span; readonly label: string }[] = [
  { value: '24h', label: '24 hours' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
]

const count = new Intl.NumberFormat('en')

/** Requests with the key, allowed and denied, as a chart and as a table. */
export function Usage({
  apiKey,
  organizationId,
  span,
  onSpanChange,
}: {
  readonly apiKey: ApiKey
  readonly organizationId: string
  readonly span: Span
  readonly onSpanChange: (span: Span) => void
}) {
  const navigate = useNavigate()
  const now = useNow()
  // Whole hours, so that the query stays the same while the page is open.
  const hour = Math.floor(now / 3_600_000)
  const request = useMemo(() => spanFor(span, hour * 3_600_000), [span, hour])
  const query = useQuery({ ...apiKeyUsage(organizationId, apiKey, request), refetchInterval: 10_000 })
  return (
    <>
      <ChoiceGroup label="Time" value={span} choices={CHOICES} onValueChange={onSpanChange} />
      <QueryStates query={query} loading={<Skeleton height="24rem" />}>
        {({ buckets, lastUsedAt, lastUsedIp }) => {
          const filled = fillBuckets(buckets, request, now)
          const allowed = filled.reduce((sum, bucket) => sum + bucket.allowed, 0)
          const denied = filled.reduce((sum, bucket) => sum + bucket.denied, 0)
          const trail = { action: 'api_key.refuse', targetId: apiKey.id, span: span === '90d' ? 'all' : span } as const
          return (
            <section className="card padded stack" aria-label="Usage">
              <div className="chart-legend">
                <span className="legend-item">
                  <span className="legend-mark" />
                  {count.format(allowed)} allowed
                </span>
                <span className="legend-item">
                  <span className="legend-mark denied" />
                  {count.format(denied)} denied
                </span>
                {lastUsedAt !== null && (
                  <span className="soft">
                    last allowed <RelativeTime at={lastUsedAt} />
                    {lastUsedIp !== null && (
                      <>
                        {' '}
                        from <code>{lastUsedIp}</code>
                      </>
                    )}
                  </span>
                )}
              </div>
              {allowed + denied === 0 ? (
                <EmptyState icon={ChartColumn} title="No requests in this time">
                  <p>Counts appear within seconds after a request.</p>
                </EmptyState>
              ) : (
                <>
                  <Chart
                    buckets={filled}
                    granularity={request.granularity}
                    onDeniedClick={() =>
                      void navigate({ to: '/o/$organizationId/audit', params: { organizationId }, search: trail })
                    }
                  />
                  {denied > 0 && (
                    <section className="stack tight" aria-label="Denied requests">
                      <h2>Denied requests</h2>
                      <ul className="denials">
                        {sumDenials(filled).map(({ reason, count: times }) => (
                          <li key={reason} className="denial">
                            <span>{describeDenial(reason)}</span>
                            <span className="soft">{count.format(times)}</span>
                          </li>
                        ))}
                      </ul>
                      <Link to="/o/$organizationId/audit" params={{ organizationId }} search={trail}>
                        Show them in the audit trail
                      </Link>
                    </section>
                  )}
                  <Table buckets={filled} granularity={request.granularity} />
                </>
              )}
            </section>
          )
        }}
      </QueryStates>
    </>
  )
}

interface SeriesProps {
  readonly buckets: readonly Bucket[]
  readonly granularity: 'hour' | 'day'
}

/** The library sets a colour of its own, which is too dark on a dark ground. */
const TICK = { fill: 'var(--soft)', fontSize: 12 }

/** The table has the same numbers for assistive technology. */
const Chart = ({
  buckets,
  granularity,
  onDeniedClick,
}: SeriesProps & {
  /** For a pointer. Below the chart is a link. */
  readonly onDeniedClick: () => void
}) => (
  <div className="chart" aria-hidden="true">
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={[...buckets]} margin={{ top: 8, right: 0, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} />
        <XAxis
          dataKey="start"
          tickFormatter={(start: string) => formatBucket(start, granularity)}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          minTickGap={32}
        />
        <YAxis width={40} allowDecimals={false} tick={TICK} tickLine={false} axisLine={false} />
        <Tooltip
          cursor={{ fill: 'var(--wash)' }}
          isAnimationActive={false}
          content={({ active, payload }) => {
            // The data of the chart.
            const bucket = payload?.[0]?.payload as Bucket | undefined
            if (!active || !bucket) return null
            return (
              <div className="chart-tooltip">
                <strong>{formatBucket(bucket.start, granularity)}</strong>
                <br />
                {count.format(bucket.allowed)} allowed, {count.format(bucket.denied)} denied
                {bucket.deniedBy.map(({ reason, count: times }) => (
                  <div key={reason}>
                    {count.format(times)} × {describeDenial(reason)}
                  </div>
                ))}
              </div>
            )
          }}
        />
        <Bar dataKey="allowed" stackId="requests" fill="var(--mark)" isAnimationActive={false} />
        <Bar
          dataKey="denied"
          stackId="requests"
          fill="var(--bad)"
          isAnimationActive={false}
          cursor="pointer"
          onClick={onDeniedClick}
        />
      </BarChart>
    </ResponsiveContainer>
  </div>
)

const Table = ({ buckets, granularity }: SeriesProps) => (
  <details>
    <summary>Show as a table</summary>
    <table className="matrix">
      <thead>
        <tr>
          <th scope="col">{granularity === 'hour' ? 'Hour' : 'Day'}</th>
          <th scope="col">Allowed</th>
          <th scope="col">Denied</th>
          <th scope="col">Reasons</th>
        </tr>
      </thead>
      <tbody>
        {buckets
          .filter(({ allowed, denied }) => allowed + denied > 0)
          .map((bucket) => (
            <tr key={bucket.start}>
              <th scope="row">{formatBucket(bucket.start, granularity)}</th>
              <td>{count.format(bucket.allowed)}</td>
              <td>{count.format(bucket.denied)}</td>
              <td>{bucket.deniedBy.map(({ reason }) => describeDenial(reason)).join(', ')}</td>
            </tr>
          ))}
      </tbody>
    </table>
  </details>
)
