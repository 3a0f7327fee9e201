import type { OauthApp } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { AppWindow, Plus } from 'lucide-react'
import { useMemo } from 'react'
import { oauthApps } from '../../../api/oauth-apps.ts'
import { buttonClass } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { ActionsPlaceholder, Page } from '../../../ui/page.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { EmptyState, NoPermission, QueryStates } from '../../../ui/states.tsx'
import { APP_TYPES } from '../app-types.tsx'

const route = getRouteApi('/o/$organizationId/apps')

/** The OAuth apps of the organization: what people sign in to with their Daytona account. */
export function AppsPage() {
  const { organizationId } = route.useParams()
  const { sort = '-createdAt' } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(oauthApps(organizationId))
  const columns = useMemo(() => columnsFor(organizationId), [organizationId])
  const table = (rows: readonly OauthApp[] | undefined) => (
    <div className="card">
      <DataTable
        label="OAuth apps"
        columns={columns}
        rows={rows}
        rowId={({ clientId }) => clientId}
        rowName={({ name }) => name}
        sort={sort}
        onSortChange={(next) => void navigate({ search: next === '-createdAt' ? {} : { sort: next }, replace: true })}
        empty={
          <EmptyState icon={AppWindow} title="No OAuth app yet">
            <p>An app lets people sign in with their Daytona account, and act for them as far as they allow.</p>
            {createLink(organizationId)}
          </EmptyState>
        }
      />
    </div>
  )
  return (
    <Page
      title="OAuth apps"
      lead="Apps that people sign in to with their Daytona account."
      // Only administrators can read the list.
      actions={query.isPending ? <ActionsPlaceholder /> : query.data && createLink(organizationId)}
    >
      <QueryStates
        query={query}
        loading={table(undefined)}
        forbidden={<NoPermission permission="admin:organization" action="manage its OAuth apps" />}
      >
        {table}
      </QueryStates>
    </Page>
  )
}

const createLink = (organizationId: string) => (
  <Link to="/o/$organizationId/apps/new" params={{ organizationId }} className={buttonClass('primary')}>
    <Plus className="icon" aria-hidden="true" />
    Create app
  </Link>
)

const columnsFor = (organizationId: string): Column<OauthApp>[] => [
  {
    id: 'name',
    header: 'Name',
    kind: 'title',
    sortValue: ({ name }) => name,
    cell: ({ clientId, name }) => (
      <span className="title-block">
        <Link to="/o/$organizationId/apps/$clientId" params={{ organizationId, clientId }} className="title-link">
          <bdi>{name}</bdi>
        </Link>
        <code className="soft nowrap">{clientId}</code>
      </span>
    ),
  },
  { id: 'type', header: 'Kind', cell: ({ type }) => <span className="nowrap">{APP_TYPES[type].shortLabel}</span> },
  {
    id: 'redirects',
    header: 'Returns to',
    cell: ({ redirectUris }) => (
      <span>
        <code>{redirectUris[0]}</code>
        {redirectUris.length > 1 && <span className="soft"> and {redirectUris.length - 1} more</span>}
      </span>
    ),
  },
  {
    id: 'scopes',
    header: 'Scopes',
    cell: ({ scopes }) => (
      <ul className="chips">
        {scopes.map((scope) => (
          <li key={scope}>
            <Chip tone={scope === 'admin:organization' ? 'warn' : 'neutral'}>{scope}</Chip>
          </li>
        ))}
      </ul>
    ),
  },
  {
    id: 'createdAt',
    header: 'Created',
    sortValue: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
  },
]
