import type { ApiKey } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { members, organizations } from '../../../api/organizations.ts'
import { PermissionChips } from '../../../permissions/permission-chips.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Notice } from '../../../ui/states.tsx'
import { LastSeen } from '../last-seen.tsx'
import { describeDenial } from './denial-reasons.ts'
import { PreviousSecrets } from './previous-secrets.tsx'

/** What the key is, and which of its earlier secrets are still valid. */
export function Overview({
  apiKey,
  organizationId,
  onEndPrevious,
}: {
  readonly apiKey: ApiKey
  readonly organizationId: string
  /** Asks before the earlier secrets end. Undefined: the key is another member's. */
  readonly onEndPrevious: (() => void) | undefined
}) {
  const people = useQuery(members(organizationId))
  const all = useQuery(organizations)
  const owner = people.data?.find(({ userId }) => userId === apiKey.userId)
  const names = new Map(all.data?.map(({ id, name }) => [id, name]))
  return (
    <>
      {apiKey.status !== 'active' && <EndedNotice apiKey={apiKey} organizationId={organizationId} />}
      {apiKey.previousSecrets.length > 0 && <PreviousSecrets secrets={apiKey.previousSecrets} onEnd={onEndPrevious} />}
      <section className="card padded" aria-label="Overview">
        <dl className="facts">
          {apiKey.description && (
            <>
              <dt>Description</dt>
              <dd className="prose">
                <bdi>{apiKey.description}</bdi>
              </dd>
            </>
          )}
          <dt>Permissions</dt>
          <dd>
            <PermissionChips permissions={apiKey.permissions} />
          </dd>
          <dt>Owner</dt>
          <dd>
            <bdi>{owner?.name ?? apiKey.userId}</bdi>
            {owner && <span className="soft"> {owner.email}</span>}
          </dd>
          <dt>Last used</dt>
          <dd>
            {apiKey.lastUsedAt === null ? <span className="soft">Never</span> : <RelativeTime at={apiKey.lastUsedAt} />}
          </dd>
          {apiKey.lastOutcome !== null && (
            <>
              <dt>Last request</dt>
              <dd>
                <LastSeen apiKey={apiKey} />
                {apiKey.lastOutcome === 'denied' && apiKey.lastDenialReason !== null && (
                  <p className="soft">{describeDenial(apiKey.lastDenialReason)}</p>
                )}
              </dd>
            </>
          )}
          {apiKey.status !== 'revoked' && (
            <>
              <dt>{apiKey.status === 'expired' ? 'Expired' : 'Expires'}</dt>
              <dd>
                {apiKey.expiresAt === null ? (
                  <span className="soft">Never</span>
                ) : (
                  <RelativeTime at={apiKey.expiresAt} />
                )}
              </dd>
            </>
          )}
          <dt>Created</dt>
          <dd>
            <RelativeTime at={apiKey.createdAt} />
          </dd>
          <dt>Organizations</dt>
          <dd>
            <ul className="chips">
              {apiKey.organizationIds.map((id) => (
                <li key={id}>
                  <bdi className="chip">{names.get(id) ?? id}</bdi>
                </li>
              ))}
            </ul>
          </dd>
          <dt>Id</dt>
          <dd className="row">
            <code>{apiKey.id}</code>
            <CopyButton text={apiKey.id} label="Copy id" kind="plain" isIconOnly />
          </dd>
        </dl>
      </section>
    </>
  )
}

const EndedNotice = ({ apiKey, organizationId }: { readonly apiKey: ApiKey; readonly organizationId: string }) => (
  <Notice>
    {apiKey.status === 'revoked' ? 'It was revoked: requests with it are refused. ' : 'Requests with it are refused. '}
    <Link
      to="/o/$organizationId/keys/$keyId"
      params={{ organizationId, keyId: apiKey.id }}
      search={{ tab: 'activity' }}
    >
      See its activity
    </Link>
    .
  </Notice>
)
