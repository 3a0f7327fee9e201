import { getRouteApi, Link } from '@tanstack/react-router'
import { Page } from '../../../ui/page.tsx'
import { NoPermission } from '../../../ui/states.tsx'
import { useRoles } from '../use-roles.ts'
import { RoleForm } from './role-form.tsx'

const route = getRouteApi('/o/$organizationId/roles/new')

/** Creates a role. */
export function NewRolePage() {
  const { organizationId } = route.useParams()
  const { held, isAdministrator } = useRoles(organizationId)
  return (
    <Page
      title="Create a role"
      isNarrow
      back={(className, icon) => (
        <Link to="/o/$organizationId/roles" params={{ organizationId }} className={className}>
          {icon}Roles
        </Link>
      )}
    >
      {held && !isAdministrator ? (
        <NoPermission permission="admin:organization" action="create roles" />
      ) : (
        <RoleForm organizationId={organizationId} held={held} holders={[]} />
      )}
    </Page>
  )
}
