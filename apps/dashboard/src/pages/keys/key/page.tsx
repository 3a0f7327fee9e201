import './page.css'
import type { ApiKey, IssuedApiKey } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { KeyRound, RotateCw, Trash2 } from 'lucide-react'
import { lazy, type ReactElement, Suspense, useState } from 'react'
import { apiKeyById } from '../../../api/api-keys.ts'
import { useProfile } from '../../../session/use-session.ts'
import { Button } from '../../../ui/button.tsx'
import { Page } from '../../../ui/page.tsx'
import { EmptyState, Notice, QueryStates, Skeleton } from '../../../ui/states.tsx'
import { KeyStatus } from '../key-status.tsx'
import { SecretPage } from '../secret/secret-page.tsx'
import { shortenMask } from '../shown-mask.ts'
import { Activity } from './activity.tsx'
import { Overview } from './overview.tsx'
import { RevokeDialog } from './revoke-dialog.tsx'
import { RotateDialog } from './rotate-dialog.tsx'
import type { OpenDialog, Tab } from './search.ts'

const Settings = lazy(async () => ({ default: (await import('./settings.tsx')).Settings }))
const Usage = lazy(async () => ({ default: (await import('./usage.tsx')).Usage }))

const route = getRouteApi('/o/$organizationId/keys/$keyId')

const TABS: readonly { readonly tab: Tab; readonly label: string }[] = [
  { tab: 'overview', label: 'Overview' },
  { tab: 'usage', label: 'Usage' },
  { tab: 'activity', label: 'Activity' },
  { tab: 'settings', label: 'Settings' },
]

/** One API key: what it may do, how it is used, and what was done to it. */
export function KeyPage() {
  const { organizationId, keyId } = route.useParams()
  const query = useQuery(apiKeyById(organizationId, keyId))
  const backLink = (className: string, icon: ReactElement): ReactElement => (
    <Link to="/o/$organizationId/keys" params={{ organizationId }} className={className}>
      {icon}API keys
    </Link>
  )
  return (
    <QueryStates
      query={query}
      loading={
        <Page title="API key" heading={<Skeleton height="2rem" />} back={backLink}>
          <Skeleton height="16rem" />
        </Page>
      }
    >
      {(key) => {
        if (key) return <KeyDetails key={key.id} apiKey={key} organizationId={organizationId} back={backLink} />
        return (
          <Page title="Key not found" back={backLink}>
            <EmptyState icon={KeyRound} title="There is no such key">
              <p>It does not exist, or it belongs to another member.</p>
            </EmptyState>
          </Page>
        )
      }}
    </QueryStates>
  )
}

function KeyDetails({
  apiKey,
  organizationId,
  back,
}: {
  readonly apiKey: ApiKey
  readonly organizationId: string
  readonly back: (className: string, icon: ReactElement) => ReactElement
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
      <nav className="tabs" aria-label="Parts of the key">
        {TABS.map((one) => (
          <Link
            key={one.tab}
            to="/o/$organizationId/keys/$keyId"
            params={{ organizationId, keyId: apiKey.id }}
            search={{ tab: one.tab === 'overview' ? undefined : one.tab }}
            className="tab"
            activeOptions={{ includeSearch: true, explicitUndefined: true }}
          >
            {one.label}
          </Link>
        ))}
      </nav>
      {tab === 'overview' && <Overview apiKey={apiKey} organizationId={organizationId} />}
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
