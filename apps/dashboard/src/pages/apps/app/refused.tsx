import type { OauthApp, OauthAppDenial } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { Plus, ShieldCheck } from 'lucide-react'
import { useMemo } from 'react'
import { oauthAppDenials } from '../../../api/oauth-apps.ts'
import { Button } from '../../../ui/button.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { EmptyState, QueryStates } from '../../../ui/states.tsx'
import { findUriProblems } from '../redirect-uris.ts'
import { AddUriDialog } from './add-uri-dialog.tsx'

/** What was wrong, and what to do. */
const REASONS: Readonly<Record<OauthAppDenial['reason'], { readonly title: string; readonly help: string }>> = {
  invalid_redirect_uri: { title: 'Redirect URI mismatch', help: 'It has to be registered as it is sent.' },
  invalid_client: { title: 'Wrong client secret', help: 'Check the secret that the app has stored.' },
  invalid_grant: {
    title: 'Code or refresh token not accepted',
    help: 'It is unknown, expired or used, or its redirect URI or code verifier differs.',
  },
  invalid_request: {
    title: 'Incomplete request',
    help: 'A parameter is missing or wrong, such as the PKCE challenge.',
  },
  invalid_scope: { title: 'Scope not allowed', help: 'Choose the scopes of the app under “Settings”.' },
  invalid_target: { title: 'Unknown resource', help: 'Leave out the parameter “resource”.' },
  unauthorized_client: { title: 'Flow not allowed', help: 'The kind of the app does not have this flow.' },
  unsupported_grant_type: { title: 'Unknown grant type', help: 'Use authorization_code or refresh_token.' },
  unsupported_response_type: { title: 'Unknown response type', help: 'Use the response type “code”.' },
}

/** The refused requests of the app, by reason. A redirect URI that was sent can be registered. */
export function RefusedRequests({
  app,
  organizationId,
  uri,
  onAdd,
  onClose,
}: {
  readonly app: OauthApp
  readonly organizationId: string
  /** The redirect URI that is asked about. */
  readonly uri: string | undefined
  readonly onAdd: (uri: string) => void
  readonly onClose: () => void
}) {
  const query = useQuery(oauthAppDenials(organizationId, app.clientId))
  const columns = useMemo(() => columnsFor(app, onAdd), [app, onAdd])
  const table = (rows: readonly OauthAppDenial[] | undefined) => (
    <div className="card">
      <DataTable
        label="Refused requests"
        columns={columns}
        rows={rows}
        rowId={idOf}
        rowName={idOf}
        empty={
          <EmptyState icon={ShieldCheck} title="No request was refused">
            <p>Requests of the last 30 days that were refused appear here within seconds, with what was wrong.</p>
          </EmptyState>
        }
      />
    </div>
  )
  return (
    <QueryStates query={query} loading={table(undefined)}>
      {(denials) => (
        <>
          <p className="soft">
            Refused requests of the last 30 days. Anyone can send them with the client id, so not all need be the app’s.
          </p>
          {table(denials)}
          <AddUriDialog
            // A link cannot ask about another one.
            uri={denials.some((one) => one.redirectUri === uri) && canAdd(app, uri) ? uri : undefined}
            onClose={onClose}
            app={app}
            organizationId={organizationId}
          />
        </>
      )}
    </QueryStates>
  )
}

const idOf = ({ reason, redirectUri }: OauthAppDenial): string => `${reason} ${redirectUri ?? ''}`

const canAdd = ({ redirectUris, type }: OauthApp, uri: string | undefined): boolean =>
  uri !== undefined && !redirectUris.includes(uri) && findUriProblems(uri, type).length === 0

const columnsFor = (app: OauthApp, onAdd: (uri: string) => void): Column<OauthAppDenial>[] => [
  {
    id: 'reason',
    header: 'Reason',
    kind: 'title',
    cell: ({ reason, redirectUri }) => (
      <span className="denial">
        <strong>{REASONS[reason].title}</strong>
        {redirectUri !== null && (
          <span>
            sent <code>{redirectUri}</code>
          </span>
        )}
        <span className="soft">{REASONS[reason].help}</span>
      </span>
    ),
  },
  { id: 'count', header: 'Requests', cell: ({ count }) => count.toLocaleString('en') },
  { id: 'last', header: 'Last', cell: ({ lastAt }) => <RelativeTime at={lastAt} /> },
  { id: 'first', header: 'First', cell: ({ firstAt }) => <RelativeTime at={firstAt} /> },
  { id: 'action', header: 'Action', cell: ({ redirectUri }) => <Action app={app} uri={redirectUri} onAdd={onAdd} /> },
]

function Action({
  app,
  uri,
  onAdd,
}: {
  readonly app: OauthApp
  readonly uri: string | null
  readonly onAdd: (uri: string) => void
}) {
  if (uri === null) return <span className="soft">–</span>
  if (app.redirectUris.includes(uri)) return <span className="soft">Registered</span>
  const [problem] = findUriProblems(uri, app.type)
  if (problem) return <span className="soft">It {problem.problem}</span>
  return (
    <Button onClick={() => onAdd(uri)} aria-label={`Add ${uri}`}>
      <Plus className="icon" aria-hidden="true" />
      Add
    </Button>
  )
}
