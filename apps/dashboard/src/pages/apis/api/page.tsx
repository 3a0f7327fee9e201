import type { ResourceServer } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Server, Trash2 } from 'lucide-react'
import { resourceServer, updateResourceServer } from '../../../api/resource-servers.ts'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { DetailsPage } from '../../../ui/details-page.tsx'
import { type BackLink, Page } from '../../../ui/page.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { ErrorNotice, Notice } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { DeleteApiDialog } from './delete-dialog.tsx'
import { DisableApiDialog } from './disable-dialog.tsx'
import { ReadyCode } from './ready-code.tsx'
import type { OpenDialog } from './search.ts'
import { ApiSettings } from './settings.tsx'

const route = getRouteApi('/o/$organizationId/apis/$apiId')

/** One API with its own audience. */
export function ApiPage() {
  const { organizationId, apiId } = route.useParams()
  const query = useQuery(resourceServer(organizationId, apiId))
  const back: BackLink = (className, icon) => (
    <Link to="/o/$organizationId/apis" params={{ organizationId }} className={className}>
      {icon}APIs
    </Link>
  )
  return (
    <DetailsPage
      query={query}
      find={(server) => server}
      kind="API"
      back={back}
      icon={Server}
      missing="It was deleted, or it belongs to another organization."
      action="manage its APIs"
      isNarrow
    >
      {(server) => <ApiDetails key={server.id} server={server} organizationId={organizationId} back={back} />}
    </DetailsPage>
  )
}

function ApiDetails({
  server,
  organizationId,
  back,
}: {
  readonly server: ResourceServer
  readonly organizationId: string
  readonly back: BackLink
}) {
  const { id, name, identifier, enabled, createdAt } = server
  const { open } = route.useSearch()
  const navigate = route.useNavigate()
  const setOpen = (next: OpenDialog | undefined): void =>
    void navigate({ search: next === undefined ? {} : { open: next }, replace: next === undefined })
  const enabling = useMutation({
    mutationFn: () => updateResourceServer(organizationId, id, { enabled: true }),
    onSuccess: () => showToast('The API is enabled.'),
  })
  return (
    <Page
      title={name}
      heading={<bdi>{name}</bdi>}
      back={back}
      isNarrow
      actions={
        <>
          {enabled ? (
            <Button onClick={() => setOpen('disable')}>Disable</Button>
          ) : (
            <Button isBusy={enabling.isPending} onClick={() => enabling.mutate()}>
              Enable
            </Button>
          )}
          <Button onClick={() => setOpen('delete')}>
            <Trash2 className="icon" aria-hidden="true" />
            Delete
          </Button>
        </>
      }
    >
      {enabling.error && <ErrorNotice error={enabling.error} />}
      {!enabled && (
        <Notice tone="warn">It is disabled: no tokens are issued for it, and issued ones are inactive.</Notice>
      )}
      <section className="card padded" aria-label="Overview">
        <dl className="facts">
          <dt>URL</dt>
          <dd className="row">
            <code>{identifier}</code>
            <CopyButton text={identifier} label="Copy URL" kind="plain" isIconOnly />
          </dd>
          <dt>State</dt>
          <dd>{enabled ? <Chip tone="good">Enabled</Chip> : <Chip tone="warn">Disabled</Chip>}</dd>
          <dt>Registered</dt>
          <dd>
            <RelativeTime at={createdAt} />
          </dd>
        </dl>
      </section>
      <ApiSettings server={server} organizationId={organizationId} />
      <ReadyCode server={server} />
      <DisableApiDialog
        isOpen={open === 'disable' && enabled}
        onClose={() => setOpen(undefined)}
        server={server}
        organizationId={organizationId}
      />
      <DeleteApiDialog
        isOpen={open === 'delete'}
        onClose={() => setOpen(undefined)}
        server={server}
        organizationId={organizationId}
      />
    </Page>
  )
}
