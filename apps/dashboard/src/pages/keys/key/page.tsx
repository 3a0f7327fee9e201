import './page.css'
import type { ApiKey, IssuedApiKey } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { KeyRound, RotateCw, Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { apiKeyById } from '../../../api/api-keys.ts'
import { useProfile } from '../../../session/use-session.ts'
import { Button } from '../../../ui/button.tsx'
import { DetailsPage } from '../../../ui/details-page.tsx'
import { type BackLink, Page } from '../../../ui/page.tsx'
import { Notice, Skeleton } from '../../../ui/states.tsx'
import { Tabs } from '../../../ui/tabs.tsx'
import { KeyStatus } from '../key-status.tsx'
import { SecretPage } from '../secret/secret-page.tsx'
import { shortenMask } from '../shown-mask.ts'
import { Activity } from './activity.tsx'
import { Overview } from './overview.tsx'
import { EndPreviousDialog } from './previous-secrets.tsx'
import { RevokeDialog } from './revoke-dialog.tsx'
import { RotateDialog } from './rotate-dialog.tsx'
import type { OpenDialog, Tab } from './search.ts'

const Settings = lazy(async () => ({ default: (await import('./settings.tsx')).Settings }))
const Usage = lazy(async () => ({ default: (await import('./usage.tsx')).Usage }))

const route = getRouteApi('/o/$organizationId/keys/$keyId')

const TABS: Readonly<Record<Tab, string>> = {
  overview: 'Overview',
  usage: 'Usage',
  activity: 'Activity',
  settings: 'Settings',
}

/** One API key: what it may do, how it is used, and what was done to it. */
export function KeyPage() {
  const { organizationId, keyId } = route.useParams()
  const query = useQuery(apiKeyById(organizationId, keyId))
  const back: BackLink = (className, icon) => (
    <Link to="/o/$organizationId/keys" params={{ organizationId }} className={className}>
      {icon}API keys
    </Link>
  )
  return (
    <DetailsPage
      query={query}
      find={(key) => key}
      kind="key"
      back={back}
      icon={KeyRound}
      missing="It does not exist, or it belongs to another member."
      action="see its keys"
    >
      {(key) => <KeyDetails key={key.id} apiKey={key} organizationId={organizationId} back={back} />}
    </DetailsPage>
  )
}

function KeyDetails({
  apiKey,
  organizationId,
  back,
}: {
  readonly apiKey: ApiKey
  readonly organizationId: string
  readonly back: BackLink
}) {
  const { tab = 'overview', span = '24h', open } = route.useSearch()
  const navigate = route.useNavigate()
  const profile = useProfile()
  const [rotated, setRotated] = useState<IssuedApiKey>()
  const [revokedAt, setRevokedAt] = useState<Date>()
  const setOpen = (next: OpenDialog | undefined): void =>
    void navigate({
      search: ({ open: _, ...rest }) => ({ ...rest, ...(next && { open: next }) }),
      replace: next === undefined,
    })
  if (rotated) {
    return (
      <SecretPage
        title="The new secret"
        organizationId={organizationId}
        issued={rotated}
        isRotation
        onDone={() => setRotated(undefined)}
      />
    )
  }
  const isActive = apiKey.status === 'active'
  const isOwn = apiKey.userId === profile.id
  return (
    <Page
      title={apiKey.name}
      heading={<bdi>{apiKey.name}</bdi>}
      lead={
        <span className="row">
          <code>{shortenMask(apiKey.value)}</code>
          <KeyStatus status={apiKey.status} />
        </span>
      }
      back={back}
      actions={
        isActive && (
          <>
            {isOwn && (
              <Button onClick={() => setOpen('rotate')}>
                <RotateCw className="icon" aria-hidden="true" />
                Rotate
              </Button>
            )}
            <Button onClick={() => setOpen('revoke')}>
              <Trash2 className="icon" aria-hidden="true" />
              Revoke
            </Button>
          </>
        )
      }
    >
      {revokedAt && (
        <Notice tone="good">
          <p>
            <strong>The key is revoked.</strong> Refused by this server since{' '}
            <time dateTime={revokedAt.toISOString()}>{revokedAt.toLocaleTimeString('en', { hour12: false })}</time>, and
            by every other one within 3 seconds.
          </p>
        </Notice>
      )}
      <Tabs
        label="Parts of the key"
        tabs={TABS}
        link={(props) => (
          <Link to="/o/$organizationId/keys/$keyId" params={{ organizationId, keyId: apiKey.id }} {...props} />
        )}
      />
      {tab === 'overview' && (
        <Overview
          apiKey={apiKey}
          organizationId={organizationId}
          onEndPrevious={isOwn ? () => setOpen('end-previous') : undefined}
        />
      )}
      {tab === 'usage' && (
        <Suspense fallback={<Skeleton height="24rem" />}>
          <Usage
            apiKey={apiKey}
            organizationId={organizationId}
            span={span}
            onSpanChange={(next) =>
              void navigate({
                search: { tab: 'usage', ...(next !== '24h' && { span: next }) },
                replace: true,
              })
            }
          />
        </Suspense>
      )}
      {tab === 'settings' && (
        <Suspense fallback={<Skeleton height="24rem" />}>
          <Settings apiKey={apiKey} organizationId={organizationId} isOwn={isOwn} />
        </Suspense>
      )}
      {tab === 'activity' && <Activity apiKey={apiKey} organizationId={organizationId} />}
      <RotateDialog
        isOpen={open === 'rotate' && isActive && isOwn}
        onClose={() => setOpen(undefined)}
        apiKey={apiKey}
        organizationId={organizationId}
        onRotated={(issued) => {
          setOpen(undefined)
          setRotated(issued)
        }}
      />
      <EndPreviousDialog
        isOpen={open === 'end-previous' && isOwn && apiKey.previousSecrets.length > 0}
        onClose={() => setOpen(undefined)}
        apiKey={apiKey}
        organizationId={organizationId}
      />
      <RevokeDialog
        isOpen={open === 'revoke' && isActive}
        onClose={() => setOpen(undefined)}
        apiKey={apiKey}
        organizationId={organizationId}
        onRevoked={() => {
          setRevokedAt(new Date())
          setOpen(undefined)
        }}
      />
    </Page>
  )
}
