import type { OauthAppUser } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { Users as UsersIcon } from 'lucide-react'
import { oauthAppUsers } from '../../../api/oauth-apps.ts'
import { Chip } from '../../../ui/chip.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { EmptyState, QueryStates } from '../../../ui/states.tsx'

/** Who allowed the app, and what. */
export function AppUsers({ organizationId, clientId }: { readonly organizationId: string; readonly clientId: string }) {
  const query = useQuery(oauthAppUsers(organizationId, clientId))
  const table = (rows: readonly OauthAppUser[] | undefined) => (
    <div className="card">
      <DataTable
        label="Users"
        columns={COLUMNS}
        rows={rows}
        rowId={({ userId }) => userId}
        rowName={nameOf}
        empty={
          <EmptyState icon={UsersIcon} title="No one uses it yet">
            <p>People appear here once they have allowed the app.</p>
          </EmptyState>
        }
      />
    </div>
  )
  return (
    <QueryStates query={query} loading={table(undefined)}>
      {(users) => (
        <>
          <p className="soft">
            People who allowed the app. Of those outside of this organization, you see what they let the app see.
          </p>
          {table(users)}
        </>
      )}
    </QueryStates>
  )
}

const nameOf = ({ name, email, userId }: OauthAppUser): string => name ?? email ?? userId

const COLUMNS: Column<OauthAppUser>[] = [
  {
    id: 'name',
    header: 'User',
    kind: 'title',
    cell: (user) => (
      <span className="title-block">
        <strong>
          <bdi>{nameOf(user)}</bdi>
        </strong>
        {user.name !== null && user.email !== null && <bdi className="soft">{user.email}</bdi>}
      </span>
    ),
  },
  {
    id: 'scopes',
    header: 'Allowed',
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
    id: 'devices',
    header: 'Signed in',
    cell: ({ devices }) =>
      devices === 0 ? <span className="soft">Not now</span> : `${devices} ${devices === 1 ? 'time' : 'times'}`,
  },
  {
    id: 'seen',
    header: 'Last seen',
    cell: ({ lastSeenAt }) =>
      lastSeenAt === null ? <span className="soft">Not now</span> : <RelativeTime at={lastSeenAt} />,
  },
  { id: 'since', header: 'Since', cell: ({ authorizedAt }) => <RelativeTime at={authorizedAt} /> },
]
