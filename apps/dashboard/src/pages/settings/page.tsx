import './page.css'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { members, organizations, permissionsOf } from '../../api/organizations.ts'
import { useProfile } from '../../session/use-session.ts'
import { Page } from '../../ui/page.tsx'
import { compact, type SearchChange } from '../../ui/search-params.ts'
import { ErrorNotice, NoPermission, Notice, QueryStates, Skeleton } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { DeleteOrganization, LeaveOrganization } from './end-dialogs.tsx'
import { General } from './general.tsx'
import { Quotas } from './quotas.tsx'
import type { SettingsSearch, Tab } from './search.ts'
import { UsageTotals } from './usage-totals.tsx'

const route = getRouteApi('/o/$organizationId/settings')

const TAB_LABELS: Readonly<Record<Tab, string>> = {
  general: 'General',
  usage: 'Usage',
  'sign-on': 'Single sign-on',
  'app-access': 'App access',
}
const SingleSignOn = lazy(async () => ({
  default: (await import('./single-sign-on/single-sign-on.tsx')).SingleSignOn,
}))

const AppAccess = lazy(async () => ({ default: (await import('./app-access/app-access.tsx')).AppAccess }))

/**
 * The organization: its name, the requests with each key, how its people sign in, which apps they may use, and how to leave or
 * delete it.
 */
export function SettingsPage() {
  const { organizationId } = route.useParams()
  const { tab = 'general', span = '30d', sort = '-allowed', open } = route.useSearch()
  const navigate = route.useNavigate()
  const change = (next: SearchChange<SettingsSearch>, replace = true): void =>
    void navigate({ search: (before) => compact({ ...before, ...next }), replace })
  const close = (): void => change({ open: undefined })
  const { id } = useProfile()
  const all = useQuery(organizations)
  const people = useQuery(members(organizationId))
  const shown = all.data?.find((one) => one.id === organizationId)
  const own = people.data?.find(({ userId }) => userId === id)
  return (
    <Page title="Organization" lead={<bdi>{shown?.name ?? '…'}</bdi>}>
      <Tabs
        label="Parts of the organization"
        tabs={TAB_LABELS}
        link={(props) => <Link to="/o/$organizationId/settings" params={{ organizationId }} {...props} />}
      />
      {tab === 'usage' && permissionsOf(own).has('admin:organization') && <Quotas organizationId={organizationId} />}
      {tab === 'usage' && (
        <UsageTotals
          organizationId={organizationId}
          span={span}
          sort={sort}
          members={people.data}
          onSpanChange={(next) => change({ span: next === '30d' ? undefined : next })}
          onSortChange={(next) => change({ sort: next === '-allowed' ? undefined : next })}
        />
      )}
      {tab === 'sign-on' && (
        <QueryStates query={people} loading={<Skeleton height="24rem" />}>
          {(list) =>
            !permissionsOf(own).has('admin:organization') ? (
              <NoPermission permission="admin:organization" action="see how its people sign in" />
            ) : shown?.personal ? (
              <Notice>A personal organization has no single sign-on. Create a shared one for your company.</Notice>
            ) : (
              <Suspense fallback={<Skeleton height="24rem" />}>
                <SingleSignOn
                  key={organizationId}
                  organizationId={organizationId}
                  isOwner={own?.role === 'owner'}
                  people={list}
                />
              </Suspense>
            )
          }
        </QueryStates>
      )}
      {tab === 'app-access' && (
        <QueryStates query={people} loading={<Skeleton height="48rem" />}>
          {(list) =>
            permissionsOf(own).has('admin:organization') ? (
              <Suspense fallback={<Skeleton height="48rem" />}>
                <AppAccess
                  key={organizationId}
                  organizationId={organizationId}
                  isOwner={own?.role === 'owner'}
                  people={list}
                />
              </Suspense>
            ) : (
              <NoPermission permission="admin:organization" action="decide about third-party apps" />
            )
          }
        </QueryStates>
      )}
      {tab === 'general' && (
        <QueryStates query={all} loading={<Skeleton height="20rem" />}>
          {(list) => {
            const organization = list.find((one) => one.id === organizationId)
            // The frame shows that there is none.
            if (!organization) return null
            return (
              <>
                {people.error && <ErrorNotice error={people.error} onRetry={() => void people.refetch()} />}
                <General
                  key={organization.id}
                  organization={organization}
                  isAdministrator={permissionsOf(own).has('admin:organization')}
                  isOwner={own?.role === 'owner'}
                  isPending={people.isPending}
                  isKnown={people.data !== undefined}
                  onOpen={(dialog) => change({ open: dialog }, false)}
                />
                <LeaveOrganization
                  isOpen={open === 'leave' && !organization.personal}
                  onClose={close}
                  organization={organization}
                />
                <DeleteOrganization
                  isOpen={open === 'delete' && !organization.personal && own?.role === 'owner'}
                  onClose={close}
                  organization={organization}
                  memberCount={people.data?.length ?? 0}
                />
              </>
            )
          }}
        </QueryStates>
      )}
    </Page>
  )
}
