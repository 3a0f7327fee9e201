import type { ApiKey, AuditLog } from '@daytona-auth/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { useMemo } from 'react'
import { auditOf } from '../../../api/audit.ts'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { EmptyState, NoPermission, QueryStates } from '../../../ui/states.tsx'

/** What was done to the key, from the audit trail of the organization. */
export function Activity({ apiKey, organizationId }: { readonly apiKey: ApiKey; readonly organizationId: string }) {
  const query = useInfiniteQuery(auditOf(organizationId, { targetId: apiKey.id }))
  const columns = useMemo(() => COLUMNS, [])
  return (
    <QueryStates
      query={query}
      loading={
        <div className="card">
          <DataTable label="Activity" columns={columns} rows={undefined} rowId={idOf} rowName={idOf} empty={null} />
        </div>
      }
      forbidden={<NoPermission permission="admin:organization" action="read the audit trail" />}
    >
      {({ pages }) => (
        <>
          <div className="card">
            <DataTable
              label="Activity"
              columns={columns}
              rows={pages.flatMap(({ items }) => items)}
              rowId={idOf}
              rowName={idOf}
              empty={<EmptyState icon={History} title="Nothing was recorded for this key" />}
            />
          </div>
          {query.hasNextPage && (
            <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Show older
            </Button>
          )}
        </>
      )}
    </QueryStates>
  )
}

const idOf = ({ id }: AuditLog): string => id

const COLUMNS: Column<AuditLog>[] = [
  { id: 'action', header: 'Event', kind: 'title', cell: ({ action }) => <code>{action}</code> },
  {
    id: 'actor',
    header: 'By',
    cell: ({ actorEmail, actorId }) => <bdi>{actorEmail ?? actorId ?? 'The service'}</bdi>,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: ({ statusCode }) =>
      statusCode === null || statusCode < 400 ? (
        <Chip tone="good">Allowed</Chip>
      ) : (
        <Chip tone="bad">{`Denied, ${statusCode}`}</Chip>
      ),
  },
  { id: 'address', header: 'Address', cell: ({ ipAddress }) => <code>{ipAddress ?? '–'}</code> },
  { id: 'time', header: 'When', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
]
