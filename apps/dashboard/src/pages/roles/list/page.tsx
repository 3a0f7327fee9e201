import './page.css'
import { ADMINISTRATION } from '@daytona-auth/protocol/scopes'
import type { OrganizationRole, Permission } from '@daytona-auth/sdk'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus, ShieldCheck } from 'lucide-react'
import { useMemo } from 'react'
import { ACCESS, RESOURCES, type Resource } from '../../../permissions/permissions.ts'
import { buttonClass } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { ActionsPlaceholder, Page } from '../../../ui/page.tsx'
import { EmptyState, ErrorNotice, NoPermission, Notice, QueryStates } from '../../../ui/states.tsx'
import { countPeople, type Holder } from '../holders.ts'
import { useRoles } from '../use-roles.ts'

const route = getRouteApi('/o/$organizationId/roles')

/** The roles of the organization with what they permit and who has them. */
export function RolesPage() {
  const { organizationId } = route.useParams()
  const { query, people, held, isAdministrator, holders } = useRoles(organizationId)
  const columns = useMemo(() => columnsFor({ organizationId, holders }), [organizationId, holders])
  const table = (rows: readonly OrganizationRole[] | undefined) => (
    <DataTable
      label="Roles"
      columns={columns}
      rows={rows}
      rowId={({ id }) => id}
      rowName={({ name }) => name}
      empty={<EmptyState icon={ShieldCheck} title="There is no role" />}
    />
  )
  return (
    <Page
      title="Roles"
      lead="What members may do. A member has the permissions of all their roles; an owner has every permission."
      actions={
        people.isPending ? (
          <ActionsPlaceholder />
        ) : (
          isAdministrator && (
            <Link to="/o/$organizationId/roles/new" params={{ organizationId }} className={buttonClass('primary')}>
              <Plus className="icon" aria-hidden="true" />
              Create role
            </Link>
          )
        )
      }
    >
      {held && !isAdministrator && (
        <Notice>
          You need <code>admin:organization</code> to create and change roles. Ask an owner for it.
        </Notice>
      )}
      {people.error && (
        <>
          <p className="soft">The members could not be read, so the list does not say who has a role.</p>
          <ErrorNotice error={people.error} onRetry={() => void people.refetch()} />
        </>
      )}
      <QueryStates
        query={query}
        loading={<div className="card">{table(undefined)}</div>}
        forbidden={<NoPermission permission="admin:organization" action="see its roles" />}
      >
        {(all) => <div className="card">{table(all)}</div>}
      </QueryStates>
    </Page>
  )
}

const columnsFor = ({
  organizationId,
  holders,
}: {
  readonly organizationId: string
  readonly holders: ((roleId: string) => Holder[]) | undefined
}): Column<OrganizationRole>[] => [
  {
    id: 'name',
    header: 'Role',
    kind: 'title',
    cell: ({ id, name, description, isGlobal }) => (
      <span className="role-name">
        <span className="row">
          <Link to="/o/$organizationId/roles/$roleId" params={{ organizationId, roleId: id }} className="title-link">
            <bdi>{name}</bdi>
          </Link>
          {isGlobal && <Chip>Built in</Chip>}
        </span>
        {description && <bdi className="soft small role-description">{description}</bdi>}
      </span>
    ),
  },
  ...RESOURCES.map(
    (resource): Column<OrganizationRole> => ({
      id: resource.name,
      header: resource.label,
      cell: ({ permissions }) => accessTo(resource, permissions),
    }),
  ),
  {
    id: 'administration',
    header: 'Administration',
    cell: ({ permissions }) =>
      permissions.includes(ADMINISTRATION) ? <Chip tone="warn">Full</Chip> : <span className="soft">–</span>,
  },
  {
    id: 'holders',
    header: 'Who has it',
    cell: ({ id }) => {
      const count = holders?.(id).length
      if (count === undefined) return <span className="soft">…</span>
      return count === 0 ? (
        <span className="soft nowrap">No member</span>
      ) : (
        <span className="nowrap">{countPeople(count)}</span>
      )
    },
  },
]

function accessTo(resource: Resource, permissions: readonly Permission[]) {
  const isFull = permissions.includes(ADMINISTRATION)
  const has = (permission: Permission | undefined): boolean =>
    permission !== undefined && (isFull || permissions.includes(permission))
  const access = ACCESS.filter(({ prefix }) => has(resource.permissions[prefix])).map(({ label }) => label)
  if (access.length === 0) return <span className="soft">–</span>
  return <span className="nowrap">{access.join(', ')}</span>
}
