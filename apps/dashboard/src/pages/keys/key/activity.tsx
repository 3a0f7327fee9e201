import type { ApiKey, AuditLog } from '@daytona-auth/sdk'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { useMemo } from 'react'
import { auditOf } from '../../../api/audit.ts'
import { members } from '../../../api/organizations.ts'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { IpAddress } from '../../../ui/ip-address.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { EmptyState, NoPermission, QueryStates } from '../../../ui/states.tsx'
import { actorOf, type Names, targetOf, verbOf } from '../../audit/sentences.ts'

/** What was done to the key, from the audit trail of the organization. */
export function Activity({ apiKey, organizationId }: { readonly apiKey: ApiKey; readonly organizationId: string }) {
  const query = useInfiniteQuery(auditOf(organizationId, { targetId: apiKey.id }))
  const people = useQuery(members(organizationId)).data
  const columns = useMemo(
    () => columnsFor(new Map(people?.map(({ userId, name, email }) => [userId, name || email]))),
    [people],
  )
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

const columnsFor = (names: Names): Column<AuditLog>[] => [
  {
    id: 'event',
    header: 'Event',
    kind: 'title',
    cell: (event) => (
      <span className="audit-sentence" title={event.action}>
        <bdi>{actorOf(event, names)}</bdi> {verbOf(event)} <bdi>{targetOf(event, names)}</bdi>
      </span>
    ),
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
  { id: 'address', header: 'Address', cell: ({ ipAddress }) => <IpAddress address={ipAddress} /> },
  { id: 'time', header: 'When', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
]
