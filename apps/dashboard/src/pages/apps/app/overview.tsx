import type { OauthApp } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { members } from '../../../api/organizations.ts'
import { Chip } from '../../../ui/chip.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { APP_TYPES } from '../app-types.tsx'

/** What the app is. */
export function Overview({ app, organizationId }: { readonly app: OauthApp; readonly organizationId: string }) {
  const people = useQuery(members(organizationId))
  const creator = people.data?.find(({ userId }) => userId === app.createdBy)
  return (
    <section className="card padded" aria-label="Overview">
      <dl className="facts">
        <dt>Client id</dt>
        <dd className="row">
          <code>{app.clientId}</code>
          <CopyButton text={app.clientId} label="Copy client id" kind="plain" isIconOnly />
        </dd>
        <dt>Kind</dt>
        <dd>{APP_TYPES[app.type].label}</dd>
        <dt>Redirect URIs</dt>
        <dd>
          <Lines values={app.redirectUris} />
        </dd>
        {app.postLogoutRedirectUris.length > 0 && (
          <>
            <dt>After signing out</dt>
            <dd>
              <Lines values={app.postLogoutRedirectUris} />
            </dd>
          </>
        )}
        {app.backchannelLogoutUri !== null && (
          <>
            <dt>Logout tokens</dt>
            <dd>
              <Lines values={[app.backchannelLogoutUri]} />
            </dd>
          </>
        )}
        <dt>Scopes</dt>
        <dd>
          <ul className="chips">
            {app.scopes.map((scope) => (
              <li key={scope}>
                <Chip tone={scope === 'admin:organization' ? 'warn' : 'neutral'}>{scope}</Chip>
              </li>
            ))}
          </ul>
        </dd>
        <dt>Protection</dt>
        <dd>
          {app.requirePkce ? 'PKCE is required' : 'PKCE is optional'}
          {app.deviceGrant && ', device flow is allowed'}
          {app.requirePushedAuthorizationRequests && ', PAR is required'}
          {app.dpopBoundAccessTokens && ', DPoP is required'}
          {app.requireSignedRequestObject && ', signed requests are required'}
          {app.requestObjectSigningAlg !== null && `, requests are signed with ${app.requestObjectSigningAlg}`}
        </dd>
        {app.tokenEndpointAuthMethod === 'private_key_jwt' && (
          <>
            <dt>Authentication</dt>
            <dd>Signed assertions, {app.jwksUri === null ? 'with registered keys' : <code>{app.jwksUri}</code>}</dd>
          </>
        )}
        <dt>Created</dt>
        <dd>
          <RelativeTime at={app.createdAt} />
          {creator && (
            <>
              {' '}
              by <bdi>{creator.name || creator.email}</bdi>
            </>
          )}
        </dd>
      </dl>
    </section>
  )
}

const Lines = ({ values }: { readonly values: readonly string[] }) => (
  <ul className="lines">
    {values.map((value) => (
      <li key={value}>
        <code>{value}</code>
      </li>
    ))}
  </ul>
)
