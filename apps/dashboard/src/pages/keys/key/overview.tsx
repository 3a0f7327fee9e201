import type { ApiKey } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { members, organizations } from '../../../api/organizations.ts'
import { PermissionChips } from '../../../permissions/permission-chips.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Notice } from '../../../ui/states.tsx'
import { LastSeen } from '../last-seen.tsx'
import { shortenMask } from '../shown-mask.ts'
import { describeDenial } from './denial-reasons.ts'

/** What the key is, and which of its earlier secrets are still valid. */
export function Overview({ apiKey, organizationId }: { readonly apiKey: ApiKey; readonly organizationId: string }) {
  const people = useQuery(members(organizationId))
  const all = useQuery(organizations)
  const owner = people.data?.find(({ userId }) => userId === apiKey.userId)
  const names = new Map(all.data?.map(({ id, name }) => [id, name]))
  return (
    <>
      {apiKey.previousSecrets.length > 0 && <PreviousSecrets secrets={apiKey.previousSecrets} />}
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
          <dt>Expires</dt>
          <dd>
            {apiKey.expiresAt === null ? <span className="soft">Never</span> : <RelativeTime at={apiKey.expiresAt} />}
          </dd>
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

const PreviousSecrets = ({ secrets }: { readonly secrets: ApiKey['previousSecrets'] }) => (
  <Notice tone="warn">
    <strong>
      {secrets.length === 1 ? 'An earlier secret is still valid' : `${secrets.length} earlier secrets are still valid`}
    </strong>
    {secrets.map(({ value, expiresAt, lastUsedAt }) => (
      <p key={value}>
        <code>{shortenMask(value)}</code> ends <RelativeTime at={expiresAt} />.{' '}
        {lastUsedAt === null ? (
          'No request has used it since the rotation.'
        ) : (
          <>
            Requests still use it: last <RelativeTime at={lastUsedAt} />.
          </>
        )}
      </p>
    ))}
  </Notice>
)
