import type { AuthorizedApp, Organization } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { AppWindow } from 'lucide-react'
import { useMemo } from 'react'
import { authorizedApps } from '../../api/account.ts'
import { api } from '../../api/client.ts'
import { organizations } from '../../api/organizations.ts'
import { queryClient } from '../../api/query-client.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { EmptyState, QueryStates } from '../../ui/states.tsx'
import { showToast } from '../../ui/toasts.tsx'
import type { OpenDialog } from './search.ts'

/** The client that this page is. */
const DASHBOARD = 'daytona-dashboard'

/** The apps that act for the person, and what each may do. */
export function AuthorizedApps({
  open,
  id,
  onOpen,
}: {
  readonly open: OpenDialog | undefined
  readonly id: string | undefined
  readonly onOpen: (dialog: OpenDialog | undefined, of?: string) => void
}) {
  const query = useQuery(authorizedApps)
  const all = useQuery(organizations).data
  const columns = useMemo(() => columnsFor(onOpen, all), [onOpen, all])
  const asked = open === 'app' ? query.data?.find(({ clientId }) => clientId === id) : undefined
  const removal = useMutation({
    mutationFn: (clientId: string) => api.users.authorizedApps.delete(clientId),
    onSuccess: async () => {
      onOpen(undefined)
      showToast('The access is taken back.')
      await queryClient.invalidateQueries({ queryKey: authorizedApps.queryKey })
    },
  })
  const table = (rows: readonly AuthorizedApp[] | undefined) => (
    <div className="card">
      <DataTable
        label="Authorized apps"
        columns={columns}
        rows={rows}
        rowId={({ clientId }) => clientId}
        rowName={({ name }) => name}
        empty={
          <EmptyState icon={AppWindow} title="No app has access">
            <p>Apps that you allow to act for you appear here.</p>
          </EmptyState>
        }
      />
    </div>
  )
  return (
    <QueryStates query={query} loading={table(undefined)}>
      {(apps) => (
        <>
          <p className="soft">Apps that act for you. None can do more than you can.</p>
          {table(apps)}
          <ConfirmDialog
            isOpen={asked !== undefined}
            onClose={() => {
              removal.reset()
              onOpen(undefined)
            }}
            title={
              <>
                Take back the access of <bdi>{asked?.name}</bdi>?
              </>
            }
            action="Take back access"
            onConfirm={() => asked && removal.mutate(asked.clientId)}
            isBusy={removal.isPending}
            error={removal.error}
          >
            <p>
              It is signed out everywhere at once, its tokens are refused, and API keys that it made for you are
              revoked. To use it again, you allow it again.
            </p>
          </ConfirmDialog>
        </>
      )}
    </QueryStates>
  )
}

const columnsFor = (
  onOpen: (dialog: OpenDialog, of: string) => void,
  organizationsOfUser: readonly Organization[] | undefined,
): Column<AuthorizedApp>[] => [
  {
    id: 'name',
    header: 'App',
    kind: 'title',
    cell: ({ name, clientId, firstParty }) => (
      <span className="row">
        <bdi>
          <strong>{name}</strong>
        </bdi>
        {clientId === DASHBOARD ? <Chip tone="good">This page</Chip> : firstParty && <Chip>Made by Daytona</Chip>}
      </span>
    ),
  },
  {
    id: 'scopes',
    header: 'May',
    cell: ({ scopes, resourceServers, firstParty }) =>
      firstParty ? (
        'Everything that you may'
      ) : (
        <div className="stack tight">
          <ScopeChips scopes={scopes} />
          {resourceServers.map(({ id, name, identifier, scopes: ofServer }) => (
            <div key={id} className="stack tight">
              <span className="small">
                <span className="soft">At </span>
                <bdi>{name}</bdi> <code className="soft">{identifier}</code>
              </span>
              <ScopeChips scopes={ofServer} />
            </div>
          ))}
        </div>
      ),
  },
  {
    id: 'organizations',
    header: 'In',
    cell: ({ organizationIds }) =>
      organizationIds === null ? (
        'All your organizations'
      ) : organizationIds.length === 0 ? (
        <span className="soft">No organization</span>
      ) : (
        organizationIds.map((id, index) => (
          <span key={id}>
            {index > 0 && ', '}
            <bdi>{organizationsOfUser?.find((one) => one.id === id)?.name ?? id}</bdi>
          </span>
        ))
      ),
  },
  {
    id: 'devices',
    header: 'Signed in',
    cell: ({ devices }) =>
      devices === 0 ? <span className="soft">Not now</span> : `${devices} ${devices === 1 ? 'time' : 'times'}`,
  },
  { id: 'since', header: 'Allowed', cell: ({ authorizedAt }) => <RelativeTime at={authorizedAt} /> },
  {
    id: 'action',
    header: 'Action',
    cell: ({ clientId, name }) =>
      clientId === DASHBOARD ? (
        <span className="soft">Sign out in the menu</span>
      ) : (
        <Button onClick={() => onOpen('app', clientId)} aria-label={`Take back the access of ${name}`}>
          Take back
        </Button>
      ),
  },
]

const ScopeChips = ({ scopes }: { readonly scopes: readonly string[] }) => (
  <ul className="chips">
    {scopes.map((scope) => (
      <li key={scope}>
        <Chip tone={scope === 'admin:organization' ? 'warn' : 'neutral'}>{scope}</Chip>
      </li>
    ))}
  </ul>
)
