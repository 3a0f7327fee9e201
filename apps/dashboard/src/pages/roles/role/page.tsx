import type { OrganizationRole } from '@daytona-auth/sdk'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ShieldCheck, Trash2 } from 'lucide-react'
import { PermissionChips } from '../../../permissions/permission-chips.tsx'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { DetailsPage } from '../../../ui/details-page.tsx'
import { NameList } from '../../../ui/name-list.tsx'
import { type BackLink, Page } from '../../../ui/page.tsx'
import { ErrorNotice, Notice, Skeleton } from '../../../ui/states.tsx'
import { countPeople, type Holder } from '../holders.ts'
import { useRoles } from '../use-roles.ts'
import { DeleteRoleDialog } from './delete-dialog.tsx'
import { RoleForm } from './role-form.tsx'

const route = getRouteApi('/o/$organizationId/roles/$roleId')

/** One role: what it permits, who has it, and the form that changes it. */
export function RolePage() {
  const { organizationId, roleId } = route.useParams()
  const { open } = route.useSearch()
  const navigate = route.useNavigate()
  const { query, people, held, isAdministrator, holders } = useRoles(organizationId)
  const back: BackLink = (className, icon) => (
    <Link to="/o/$organizationId/roles" params={{ organizationId }} className={className}>
      {icon}Roles
    </Link>
  )
  const setOpen = (next: 'delete' | undefined): void =>
    void navigate({ search: next === undefined ? {} : { open: next }, replace: next === undefined })
  return (
    <DetailsPage
      query={query}
      find={(all) => all.find(({ id }) => id === roleId)}
      kind="role"
      back={back}
      icon={ShieldCheck}
      missing="It was deleted, or it belongs to another organization."
      action="see its roles"
      isNarrow
    >
      {(role) => {
        const having = holders?.(role.id)
        const canChange = isAdministrator && !role.isGlobal
        return (
          <Page
            title={role.name}
            heading={<bdi>{role.name}</bdi>}
            lead={role.isGlobal ? <Chip>Built in</Chip> : undefined}
            back={back}
            isNarrow
            actions={
              canChange && (
                <Button onClick={() => setOpen('delete')}>
                  <Trash2 className="icon" aria-hidden="true" />
                  Delete
                </Button>
              )
            }
          >
            {people.error && <ErrorNotice error={people.error} onRetry={() => void people.refetch()} />}
            <Holders holders={having} organizationId={organizationId} roleName={role.name} />
            {canChange ? (
              <RoleForm key={role.id} role={role} organizationId={organizationId} held={held} holders={having} />
            ) : (
              <Content role={role} isAdministrator={isAdministrator} />
            )}
            <DeleteRoleDialog
              isOpen={open === 'delete' && canChange}
              onClose={() => setOpen(undefined)}
              role={role}
              holders={having}
              organizationId={organizationId}
            />
          </Page>
        )
      }}
    </DetailsPage>
  )
}

const Holders = ({
  holders,
  organizationId,
  roleName,
}: {
  readonly holders: readonly Holder[] | undefined
  readonly organizationId: string
  readonly roleName: string
}) => (
  <section className="card padded stack" aria-label="Who has it">
    <div className="row between">
      <h2>
        Who has it
        {holders !== undefined && holders.length > 0 && <span className="soft"> · {countPeople(holders.length)}</span>}
      </h2>
      <Link to="/o/$organizationId/members" params={{ organizationId }} search={{ q: roleName }}>
        Show in the members
      </Link>
    </div>
    {holders === undefined && <Skeleton />}
    {holders?.length === 0 && <p className="soft">No member. Assign it on the page of the members.</p>}
    {holders !== undefined && holders.length > 0 && (
      <NameList
        items={holders.map(({ id, name, isInvited }) => ({
          id,
          name,
          note: isInvited && <Chip tone="warn">Invited</Chip>,
        }))}
      />
    )}
  </section>
)

const Content = ({ role, isAdministrator }: { readonly role: OrganizationRole; readonly isAdministrator: boolean }) => (
  <>
    <Notice>
      {role.isGlobal ? (
        'A built-in role is the same in every organization and cannot be changed. Create one of your own for other permissions.'
      ) : isAdministrator ? null : (
        <>
          You need <code>admin:organization</code> to change roles. Ask an owner for it.
        </>
      )}
    </Notice>
    <section className="card padded" aria-label="Content">
      <dl className="facts">
        <dt>Permissions</dt>
        <dd>
          <PermissionChips permissions={role.permissions} />
        </dd>
        {role.description && (
          <>
            <dt>Description</dt>
            <dd>
              <bdi>{role.description}</bdi>
            </dd>
          </>
        )}
      </dl>
    </section>
  </>
)
