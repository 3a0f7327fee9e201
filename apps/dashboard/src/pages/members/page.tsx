import './page.css'
import { DaytonaAuthError } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { UserPlus, Users } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { sentInvitations } from '../../api/invitations.ts'
import { members, organizations, permissionsOf, roles } from '../../api/organizations.ts'
import { useProfile } from '../../session/use-session.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ActionsPlaceholder, Page } from '../../ui/page.tsx'
import { RelativeTime, useNow } from '../../ui/relative-time.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { compact, type SearchChange } from '../../ui/search-params.ts'
import { EmptyState, ErrorNotice, NoPermission, Notice } from '../../ui/states.tsx'
import { AccessDialog } from './access-dialog.tsx'
import { CancelDialog, RemoveDialog } from './end-dialogs.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { RowMenu } from './row-menu.tsx'
import { listRows, type MemberRow } from './rows.ts'
import type { MembersSearch, OpenDialog } from './search.ts'

const route = getRouteApi('/o/$organizationId/members')

/** Members and pending invitations of the organization in one list. Administrators see and change both. */
export function MembersPage() {
  const { organizationId } = route.useParams()
  const { q = '', sort, open, id } = route.useSearch()
  const navigate = route.useNavigate()
  const change = useCallback(
    (next: SearchChange<MembersSearch>, replace = true) =>
      void navigate({ search: (before) => compact({ ...before, ...next }), replace }),
    [navigate],
  )
  const close = useCallback(() => change({ open: undefined, id: undefined }), [change])
  const openDialog = useCallback((dialog: OpenDialog, of?: string) => change({ open: dialog, id: of }, false), [change])
  const { id: userId } = useProfile()
  const people = useQuery(members(organizationId))
  const own = people.data?.find((one) => one.userId === userId)
  const isOwner = own?.role === 'owner'
  const isAdministrator = permissionsOf(own).has('admin:organization')
  const sent = useQuery({ ...sentInvitations(organizationId), enabled: isAdministrator })
  const assignable = useQuery({ ...roles(organizationId), enabled: isAdministrator })
  const organization = useQuery(organizations).data?.find((one) => one.id === organizationId)
  const isShared = organization?.personal === false
  const areRead = people.data !== undefined && (!isAdministrator || sent.data !== undefined || sent.isError)
  const rows = useMemo(
    () => (areRead ? listRows(people.data ?? [], sent.data ?? [], q) : undefined),
    [areRead, people.data, sent.data, q],
  )
  const now = useNow()
  const columns = useMemo(
    () => columnsFor({ organizationId, userId, isOwner, isAdministrator, now, onOpen: openDialog }),
    [organizationId, userId, isOwner, isAdministrator, now, openDialog],
  )
  const rowFor = (dialog: OpenDialog, kind?: MemberRow['kind']): MemberRow | undefined => {
    if (open !== dialog || !isAdministrator) return undefined
    return listRows(people.data ?? [], sent.data ?? [], '').find(
      (row) => row.id === id && (kind === undefined || row.kind === kind),
    )
  }
  const dialogProps = { organizationId, roles: assignable.data ?? [], canMakeOwners: isOwner, onClose: close }
  const isForbidden = people.error instanceof DaytonaAuthError && people.error.statusCode === 403
  const failed = people.error ? people : sent.error ? sent : assignable.error ? assignable : undefined
  if (isForbidden && !people.data) {
    return (
      <Page title="Members">
        <NoPermission permission="admin:organization" action="see its members" />
      </Page>
    )
  }
  return (
    <Page
      title="Members"
      lead="Who has access to this organization, and who is invited."
      actions={
        people.isPending || !organization ? (
          <ActionsPlaceholder />
        ) : (
          isAdministrator &&
          isShared && (
            <Button kind="primary" onClick={() => openDialog('invite')}>
              <UserPlus className="icon" aria-hidden="true" />
              Invite people
            </Button>
          )
        )
      }
    >
      {organization?.personal && (
        <Notice>
          This is your personal organization. To work with others,{' '}
          <Link to="/organizations/new">create an organization</Link> and invite them.
        </Notice>
      )}
      {own && !isAdministrator && (
        <Notice>
          You need <code>admin:organization</code> to invite people and to change access. Ask an owner for it.
        </Notice>
      )}
      <div className="card">
        <div className="member-filters">
          <SearchField
            label="Search members"
            placeholder="Name, address or role"
            value={q}
            onSearch={(text) => change({ q: text || undefined })}
          />
        </div>
        {failed && (
          <div className="member-filters stack">
            {failed === sent && <p className="soft">The list does not show who is invited.</p>}
            <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />
          </div>
        )}
        {(people.data || !people.error) && (
          <DataTable
            label="Members"
            columns={columns}
            rows={rows}
            rowId={(row) => row.id}
            rowName={(row) => row.name}
            sort={sort ?? 'name'}
            onSortChange={(next) => change({ sort: next })}
            empty={
              <EmptyState icon={Users} title="No person matches">
                <p>Change the search.</p>
              </EmptyState>
            }
          />
        )}
      </div>
      {isAdministrator && (
        <>
          <InviteDialog isOpen={open === 'invite' && isShared} {...dialogProps} />
          <AccessDialog row={rowFor('access')} {...dialogProps} />
          <RemoveDialog row={rowFor('remove', 'member')} onClose={close} organizationId={organizationId} />
          <CancelDialog row={rowFor('cancel', 'invitation')} onClose={close} organizationId={organizationId} />
        </>
      )}
    </Page>
  )
}

const columnsFor = ({
  organizationId,
  userId,
  isOwner,
  isAdministrator,
  now,
  onOpen,
}: {
  readonly organizationId: string
  readonly userId: string
  readonly isOwner: boolean
  readonly isAdministrator: boolean
  readonly now: number
  readonly onOpen: (dialog: OpenDialog, id: string) => void
}): Column<MemberRow>[] => [
  {
    id: 'name',
    header: 'Name',
    kind: 'title',
    sortValue: ({ name }) => name,
    cell: ({ id, name, email }) => (
      <span className="member-name">
        <span>
          <bdi>{name}</bdi>
          {id === userId && <span className="soft"> (you)</span>}
        </span>
        {email !== name && <bdi className="soft small">{email}</bdi>}
      </span>
    ),
  },
  { id: 'access', header: 'Access', cell: (row) => <AccessChips row={row} /> },
  {
    id: 'status',
    header: 'Status',
    cell: ({ kind, expiresAt }) => {
      if (kind === 'member') return <Chip tone="good">Member</Chip>
      if (expiresAt !== undefined && Date.parse(expiresAt) <= now) return <Chip tone="bad">Invitation expired</Chip>
      return <Chip tone="warn">Invited</Chip>
    },
  },
  {
    id: 'since',
    header: 'Since',
    sortValue: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
  },
  ...(isAdministrator
    ? [
        {
          id: 'actions',
          header: '',
          kind: 'actions',
          // Only owners can change or remove an owner, or an invitation of one.
          cell: (row: MemberRow) =>
            (isOwner || row.role !== 'owner') && (
              <RowMenu row={row} organizationId={organizationId} isOwn={row.id === userId} onOpen={onOpen} />
            ),
        } as const,
      ]
    : []),
]

const AccessChips = ({ row: { role, assignedRoles } }: { readonly row: MemberRow }) => {
  if (role === 'owner') return <Chip tone="warn">Owner</Chip>
  if (assignedRoles.length === 0) return <span className="soft">No role</span>
  return (
    <ul className="chips">
      {assignedRoles.map(({ id, name, permissions }) => (
        <li key={id} title={permissions.join(', ')}>
          <Chip>
            <bdi>{name}</bdi>
          </Chip>
        </li>
      ))}
    </ul>
  )
}
