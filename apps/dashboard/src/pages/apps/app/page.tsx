import './page.css'
import type { CreatedOauthApp, OauthApp } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { AppWindow, RotateCw, Trash2 } from 'lucide-react'
import { useCallback, useState } from 'react'
import { oauthApp } from '../../../api/oauth-apps.ts'
import { Button } from '../../../ui/button.tsx'
import { DetailsPage } from '../../../ui/details-page.tsx'
import { type BackLink, Page } from '../../../ui/page.tsx'
import { compact } from '../../../ui/search-params.ts'
import { Tabs } from '../../../ui/tabs.tsx'
import { hasSecret } from '../app-draft.ts'
import { IssuedSecret } from '../issued-secret.tsx'
import { ReadyCode } from '../ready-code.tsx'
import { AddSecretDialog } from './add-secret-dialog.tsx'
import { DeleteAppDialog } from './delete-dialog.tsx'
import { DeleteSecretDialog } from './delete-secret-dialog.tsx'
import { Overview } from './overview.tsx'
import { RefusedRequests } from './refused.tsx'
import { RotateSecretDialog } from './rotate-dialog.tsx'
import type { OpenDialog, Tab } from './search.ts'
import { Secrets } from './secrets.tsx'
import { AppSettings } from './settings.tsx'
import { AppUsers } from './users.tsx'

const route = getRouteApi('/o/$organizationId/apps/$clientId')

const TABS: Readonly<Record<Tab, string>> = {
  overview: 'Overview',
  users: 'Users',
  refused: 'Refused',
  settings: 'Settings',
}

/** One OAuth app. */
export function AppPage() {
  const { organizationId, clientId } = route.useParams()
  const query = useQuery(oauthApp(organizationId, clientId))
  const back: BackLink = (className, icon) => (
    <Link to="/o/$organizationId/apps" params={{ organizationId }} className={className}>
      {icon}OAuth apps
    </Link>
  )
  return (
    <DetailsPage
      query={query}
      find={(app) => app}
      kind="app"
      back={back}
      icon={AppWindow}
      missing="It was deleted, or it belongs to another organization."
      action="manage its OAuth apps"
    >
      {(app) => <AppDetails key={app.clientId} app={app} organizationId={organizationId} back={back} />}
    </DetailsPage>
  )
}

function AppDetails({
  app,
  organizationId,
  back,
}: {
  readonly app: OauthApp
  readonly organizationId: string
  readonly back: BackLink
}) {
  const { clientId, name } = app
  const isWithSecret = hasSecret(app)
  const { tab = 'overview', open, secret: secretId, uri } = route.useSearch()
  const navigate = route.useNavigate()
  const [issued, setIssued] = useState<CreatedOauthApp>()
  const setOpen = useCallback(
    (next: OpenDialog | undefined, about: { readonly secret?: string; readonly uri?: string } = {}): void =>
      void navigate({
        search: ({ tab }) => compact({ tab, open: next, ...about }),
        replace: next === undefined,
      }),
    [navigate],
  )
  const addSecret = useCallback(() => setOpen('add-secret'), [setOpen])
  const deleteSecret = useCallback((id: string) => setOpen('delete-secret', { secret: id }), [setOpen])
  const addUri = useCallback((sent: string) => setOpen('add-uri', { uri: sent }), [setOpen])
  if (issued) {
    return (
      <IssuedSecret
        title="The new secret"
        app={issued}
        organizationId={organizationId}
        onDone={() => setIssued(undefined)}
      />
    )
  }
  return (
    <Page
      title={name}
      heading={<bdi>{name}</bdi>}
      lead={<code>{clientId}</code>}
      back={back}
      actions={
        <>
          {isWithSecret && (
            <Button onClick={() => setOpen('rotate')}>
              <RotateCw className="icon" aria-hidden="true" />
              {app.secrets.length > 1 ? 'Replace secrets' : 'Replace secret'}
            </Button>
          )}
          <Button onClick={() => setOpen('delete')}>
            <Trash2 className="icon" aria-hidden="true" />
            Delete
          </Button>
        </>
      }
    >
      <Tabs
        label="Parts of the app"
        tabs={TABS}
        link={(props) => (
          <Link to="/o/$organizationId/apps/$clientId" params={{ organizationId, clientId }} {...props} />
        )}
      />
      {tab === 'overview' && (
        <>
          <Overview app={app} organizationId={organizationId} />
          {isWithSecret && <Secrets app={app} onAdd={addSecret} onDelete={deleteSecret} />}
          <ReadyCode app={app} />
        </>
      )}
      {tab === 'users' && <AppUsers organizationId={organizationId} clientId={clientId} />}
      {tab === 'refused' && (
        <RefusedRequests
          app={app}
          organizationId={organizationId}
          uri={open === 'add-uri' ? uri : undefined}
          onAdd={addUri}
          onClose={() => setOpen(undefined)}
        />
      )}
      {tab === 'settings' && <AppSettings app={app} organizationId={organizationId} />}
      <RotateSecretDialog
        isOpen={open === 'rotate' && isWithSecret}
        onClose={() => setOpen(undefined)}
        app={app}
        organizationId={organizationId}
        onRotated={(next) => {
          setOpen(undefined)
          setIssued(next)
        }}
      />
      <AddSecretDialog
        isOpen={open === 'add-secret' && isWithSecret}
        onClose={() => setOpen(undefined)}
        app={app}
        organizationId={organizationId}
        onCreated={({ clientSecret }) => {
          setOpen(undefined)
          setIssued({ ...app, clientSecret })
        }}
      />
      <DeleteSecretDialog
        secret={open === 'delete-secret' ? app.secrets.find(({ id }) => id === secretId) : undefined}
        onClose={() => setOpen(undefined)}
        app={app}
        organizationId={organizationId}
      />
      <DeleteAppDialog
        isOpen={open === 'delete'}
        onClose={() => setOpen(undefined)}
        app={app}
        organizationId={organizationId}
      />
    </Page>
  )
}
