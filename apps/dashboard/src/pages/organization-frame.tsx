import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Outlet } from '@tanstack/react-router'
import { organizations } from '../api/organizations.ts'
import { Notice } from '../ui/states.tsx'
import { NotFound } from './not-found.tsx'

const route = getRouteApi('/o/$organizationId')

/** Checks that the organization in the path is one of the person's. The page does not wait for it. */
export function OrganizationFrame() {
  const { organizationId } = route.useParams()
  const { data } = useQuery(organizations)
  const organization = data?.find(({ id }) => id === organizationId)
  if (data && !organization) return <NotFound />
  return (
    <>
      {organization?.suspended && (
        <div className="page">
          <Notice tone="warn">
            This organization is suspended: {organization.suspensionReason ?? 'no reason was given'}. You can read
            everything and manage access, but not change its resources.
          </Notice>
        </div>
      )}
      <Outlet />
    </>
  )
}
