import './page.css'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback } from 'react'
import { useProfile } from '../../session/use-session.ts'
import { Page } from '../../ui/page.tsx'
import { compact } from '../../ui/search-params.ts'
import { Tabs } from '../../ui/tabs.tsx'
import { AuthorizedApps } from './authorized-apps.tsx'
import { Profile } from './profile.tsx'
import type { OpenDialog, Tab } from './search.ts'
import { Sessions } from './sessions.tsx'

const route = getRouteApi('/account')

const TAB_LABELS: Readonly<Record<Tab, string>> = {
  profile: 'Profile',
  sessions: 'Sessions',
  apps: 'Authorized apps',
}

/** The signed-in person: name and address, browser sessions, and the apps with access. */
export function AccountPage() {
  const { tab = 'profile', open, id } = route.useSearch()
  const navigate = route.useNavigate()
  const setOpen = useCallback(
    (next: OpenDialog | undefined, of?: string) =>
      void navigate({
        search: (before) => compact({ tab: before.tab, open: next, id: of }),
        replace: next === undefined,
      }),
    [navigate],
  )
  const { email } = useProfile()
  return (
    <Page title="Account" lead={<bdi>{email}</bdi>}>
      <Tabs label="Parts of the account" tabs={TAB_LABELS} link={(props) => <Link to="/account" {...props} />} />
      {tab === 'profile' && <Profile />}
      {tab === 'sessions' && <Sessions open={open} id={id} onOpen={setOpen} />}
      {tab === 'apps' && <AuthorizedApps open={open} id={id} onOpen={setOpen} />}
    </Page>
  )
}
