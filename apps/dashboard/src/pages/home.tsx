import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { Building2 } from 'lucide-react'
import { organizations } from '../api/organizations.ts'
import { getLastOrganization } from '../shell/last-organization.ts'
import { Page } from '../ui/page.tsx'
import { EmptyState, QueryStates, Skeleton } from '../ui/states.tsx'

/** Leads to the organization of the last visit, otherwise to a shared one. */
export function Home() {
  const query = useQuery(organizations)
  return (
    <QueryStates query={query} loading={<Skeleton height="20rem" />}>
      {(all) => {
        const last = getLastOrganization()
        const chosen = all.find(({ id }) => id === last) ?? all.find(({ personal }) => !personal) ?? all[0]
        if (chosen) return <Navigate to="/o/$organizationId/keys" params={{ organizationId: chosen.id }} replace />
        return (
          <Page title="Welcome">
            <EmptyState icon={Building2} title="You are in no organization">
              <p>Ask the owner of an organization for an invitation.</p>
            </EmptyState>
          </Page>
        )
      }}
    </QueryStates>
  )
}
