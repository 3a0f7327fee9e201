import { useQuery } from '@tanstack/react-query'
import { Link, Navigate } from '@tanstack/react-router'
import { Building2 } from 'lucide-react'
import { organizations } from '../api/organizations.ts'
import { chooseOrganization } from '../shell/last-organization.ts'
import { buttonClass } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { EmptyState, QueryStates, Skeleton } from '../ui/states.tsx'

/** Leads to the organization of the last visit, otherwise to a shared one. */
export function Home() {
  const query = useQuery(organizations)
  return (
    <QueryStates query={query} loading={<Skeleton height="20rem" />}>
      {(all) => {
        const chosen = chooseOrganization(all)
        if (chosen) return <Navigate to="/o/$organizationId/keys" params={{ organizationId: chosen.id }} replace />
        return (
          <Page title="Welcome">
            <EmptyState icon={Building2} title="You are in no organization">
              <p>Create one, or ask the owner of an organization for an invitation.</p>
              <Link to="/organizations/new" className={buttonClass('primary')}>
                Create an organization
              </Link>
            </EmptyState>
          </Page>
        )
      }}
    </QueryStates>
  )
}
