import type { ResourceServer } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus, Server } from 'lucide-react'
import { useMemo } from 'react'
import { resourceServers } from '../../../api/resource-servers.ts'
import { buttonClass } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { ActionsPlaceholder, Page } from '../../../ui/page.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { EmptyState, NoPermission, QueryStates } from '../../../ui/states.tsx'

const route = getRouteApi('/o/$organizationId/apis')

/** The APIs of the organization that have their own audience and scopes. */
export function ApisPage() {
  const { organizationId } = route.useParams()
  const { sort = '-createdAt' } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(resourceServers(organizationId))
  const columns = useMemo(() => columnsFor(organizationId), [organizationId])
  const table = (rows: readonly ResourceServer[] | undefined) => (
    <div className="card">
      <DataTable
        label="APIs"
        columns={columns}
        rows={rows}
        rowId={({ id }) => id}
        rowName={({ name }) => name}
        sort={sort}
        onSortChange={(next) => void navigate({ search: next === '-createdAt' ? {} : { sort: next }, replace: true })}
        empty={
          <EmptyState icon={Server} title="No API yet">
            <p>Register an API of your own, and apps can request tokens for it, with scopes that you name.</p>
            {createLink(organizationId)}
          </EmptyState>
        }
      />
    </div>
  )
  return (
    <Page
      title="APIs"
      lead="Your own APIs, which accept tokens that people allow apps to get for them."
      // Only administrators can read the list.
      actions={query.isPending ? <ActionsPlaceholder /> : query.data && createLink(organizationId)}
    >
      <QueryStates
        query={query}
        loading={table(undefined)}
        forbidden={<NoPermission permission="admin:organization" action="manage its APIs" />}
      >
        {table}
      </QueryStates>
    </Page>
  )
}

const createLink = (organizationId: string) => (
  <Link to="/o/$organizationId/apis/new" params={{ organizationId }} className={buttonClass('primary')}>
    <Plus className="icon" aria-hidden="true" />
    Register API
  </Link>
)

const columnsFor = (organizationId: string): Column<ResourceServer>[] => [
  {
    id: 'name',
    header: 'Name',
    kind: 'title',
    sortValue: ({ name }) => name,
    cell: ({ id, name, identifier, enabled }) => (
      <span className="title-block">
        <span className="row">
          <Link to="/o/$organizationId/apis/$apiId" params={{ organizationId, apiId: id }} className="title-link">
            <bdi>{name}</bdi>
          </Link>
          {!enabled && <Chip tone="warn">Disabled</Chip>}
        </span>
        <code className="soft">{identifier}</code>
      </span>
    ),
  },
  {
    id: 'scopes',
    header: 'Scopes',
    cell: ({ scopes }) =>
      scopes.length === 0 ? (
        <span className="soft">None</span>
      ) : (
        <ul className="chips">
          {scopes.slice(0, SHOWN_SCOPES).map(({ name }) => (
            <li key={name}>
              <Chip>{name}</Chip>
            </li>
          ))}
          {scopes.length > SHOWN_SCOPES && <li className="soft">and {scopes.length - SHOWN_SCOPES} more</li>}
        </ul>
      ),
  },
  {
    id: 'createdAt',
    header: 'Registered',
    sortValue: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
  },
]

const SHOWN_SCOPES = 6
