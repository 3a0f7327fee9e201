import type { OauthApp, OauthAppSecret } from '@daytona-auth/sdk'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { RelativeTime, useNow } from '../../../ui/relative-time.tsx'
import { maskSecret } from '../secret-mask.ts'

/** As the API allows: one in use and its successor. */
const MAX_SECRETS = 2

/** The secrets of a web app. It authenticates with any of them, so that one can be changed without an interruption. */
export function Secrets({
  app,
  onAdd,
  onDelete,
}: {
  readonly app: OauthApp
  readonly onAdd: () => void
  readonly onDelete: (secretId: string) => void
}) {
  const now = useNow()
  const { secrets } = app
  const valid = secrets.filter((secret) => !isExpired(secret, now))
  const isFull = valid.length >= MAX_SECRETS
  const [onlyValid, ...others] = valid
  const neededId = others.length === 0 ? onlyValid?.id : undefined
  const columns = useMemo(() => columnsFor({ onDelete, neededId }), [onDelete, neededId])
  return (
    <section className="stack" aria-label="Client secrets">
      <div className="row between">
        <h2>Client secrets</h2>
        <Button disabled={isFull} onClick={onAdd}>
          <Plus className="icon" aria-hidden="true" />
          Add secret
        </Button>
      </div>
      <p className="soft">
        {isFull
          ? 'The app authenticates with either. Delete the one that it no longer uses before you add another.'
          : 'To change the secret without an interruption, add another one, store it in the app, and delete the old one.'}
      </p>
      <div className="card">
        <DataTable
          label="Client secrets"
          columns={columns}
          rows={secrets}
          rowId={({ id }) => id}
          rowName={({ name }) => name}
          empty={null}
        />
      </div>
    </section>
  )
}

const isExpired = ({ expiresAt }: OauthAppSecret, now: number): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= now

const columnsFor = ({
  onDelete,
  neededId,
}: {
  readonly onDelete: (secretId: string) => void
  /** The only valid one. */
  readonly neededId: string | undefined
}): Column<OauthAppSecret>[] => [
  {
    id: 'name',
    header: 'Name',
    kind: 'title',
    cell: ({ name, hint }) => (
      <span className="title-block">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        {hint !== null && <code className="soft">{maskSecret(hint)}</code>}
      </span>
    ),
  },
  {
    id: 'lastUsedAt',
    header: 'Last used',
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? <span className="soft">Never</span> : <RelativeTime at={lastUsedAt} />,
  },
  { id: 'expiresAt', header: 'Expires', cell: (secret) => <Expiry secret={secret} /> },
  { id: 'createdAt', header: 'Created', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
  {
    id: 'action',
    header: 'Action',
    cell: ({ id, name }) =>
      id === neededId ? (
        <span className="soft">The only valid one</span>
      ) : (
        <Button onClick={() => onDelete(id)} aria-label={`Delete the secret ${name}`}>
          Delete
        </Button>
      ),
  },
]

function Expiry({ secret }: { readonly secret: OauthAppSecret }) {
  const now = useNow()
  if (secret.expiresAt === null) return <span className="soft">Never</span>
  return (
    <span className="row">
      <RelativeTime at={secret.expiresAt} />
      {isExpired(secret, now) && <Chip tone="bad">Expired</Chip>}
    </span>
  )
}
