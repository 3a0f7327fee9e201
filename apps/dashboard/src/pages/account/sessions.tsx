import type { Session } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { LogOut, MonitorSmartphone } from 'lucide-react'
import { useMemo } from 'react'
import { sessions } from '../../api/account.ts'
import { api } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { IpAddress } from '../../ui/ip-address.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { describeError, EmptyState, QueryStates } from '../../ui/states.tsx'
import { showToast } from '../../ui/toasts.tsx'
import type { OpenDialog } from './search.ts'

/** The browsers that the person is signed in with. Each, or all others, can be ended. */
export function Sessions({
  open,
  id,
  onOpen,
}: {
  readonly open: OpenDialog | undefined
  readonly id: string | undefined
  readonly onOpen: (dialog: OpenDialog | undefined, of?: string) => void
}) {
  const query = useQuery(sessions)
  const columns = useMemo(() => columnsFor(onOpen), [onOpen])
  const others = query.data?.filter(({ current }) => !current) ?? []
  const asked = open === 'end-others' ? others : others.filter((one) => open === 'session' && one.id === id)
  const ending = useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const outcomes = await Promise.allSettled(ids.map((one) => api.users.sessions.delete(one)))
      return outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    },
    onSuccess: async (failures, ids) => {
      onOpen(undefined)
      const ended = ids.length - failures.length
      const [first] = failures
      showToast(
        first === undefined
          ? `${ended} ${ended === 1 ? 'session is' : 'sessions are'} ended.`
          : `${ended} of ${ids.length} sessions are ended. ${describeError(first).sentence}`,
      )
      await queryClient.invalidateQueries({ queryKey: sessions.queryKey })
    },
  })
  const table = (rows: readonly Session[] | undefined) => (
    <div className="card">
      <DataTable
        label="Sessions"
        columns={columns}
        rows={rows}
        rowId={(one) => one.id}
        rowName={browserOf}
        empty={<EmptyState icon={MonitorSmartphone} title="There is no session" />}
      />
    </div>
  )
  return (
    <QueryStates query={query} loading={table(undefined)}>
      {(all) => (
        <>
          <div className="row between">
            <p className="soft">Where you are signed in with a browser.</p>
            <Button disabled={others.length === 0} onClick={() => onOpen('end-others')}>
              <LogOut className="icon" aria-hidden="true" />
              End all others
            </Button>
          </div>
          {table(all)}
          <ConfirmDialog
            isOpen={asked.length > 0}
            onClose={() => onOpen(undefined)}
            title={open === 'end-others' ? 'End all other sessions?' : 'End this session?'}
            action={asked.length === 1 ? 'End session' : `End ${asked.length} sessions`}
            onConfirm={() => ending.mutate(asked.map((one) => one.id))}
            isBusy={ending.isPending}
          >
            {open === 'session' && asked[0] && <SessionFacts session={asked[0]} />}
            <p>
              {asked.length === 1 ? 'That browser is' : 'Those browsers are'} signed out at once, and API keys that were
              made with their access tokens by apps are revoked. The CLI and devices stay signed in: take back their
              access under “Authorized apps”.
            </p>
          </ConfirmDialog>
        </>
      )}
    </QueryStates>
  )
}

/** Which session it is, for the question. */
const SessionFacts = ({ session }: { readonly session: Session }) => (
  <p>
    <strong>{browserOf(session)}</strong>
    {session.ipAddress !== null && (
      <>
        , <code>{session.ipAddress}</code>
      </>
    )}
    , last seen <RelativeTime at={session.lastSeenAt} />
  </p>
)

/** Names the browser as it states itself, which anyone can change: "Firefox 140 on Windows". */
const browserOf = ({ browser, system }: Pick<Session, 'browser' | 'system'>): string =>
  browser === null ? (system ?? 'Unknown browser') : system === null ? browser : `${browser} on ${system}`

const columnsFor = (onOpen: (dialog: OpenDialog, of: string) => void): Column<Session>[] => [
  {
    id: 'session',
    header: 'Browser',
    kind: 'title',
    cell: (session) => (
      <span className="title-block">
        <span className="row">
          <strong>{browserOf(session)}</strong>
          {session.current && <Chip tone="good">This browser</Chip>}
        </span>
        <span className="soft">
          {session.apps.length === 0 ? (
            'No app is signed in'
          ) : (
            <bdi>{session.apps.map(({ name }) => name).join(', ')}</bdi>
          )}
        </span>
      </span>
    ),
  },
  {
    id: 'address',
    header: 'Address',
    cell: ({ ipAddress }) => <IpAddress address={ipAddress} />,
  },
  { id: 'seen', header: 'Last seen', cell: ({ lastSeenAt }) => <RelativeTime at={lastSeenAt} /> },
  { id: 'since', header: 'Signed in', cell: ({ signedInAt }) => <RelativeTime at={signedInAt} /> },
  { id: 'ends', header: 'Ends', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
  {
    id: 'action',
    header: 'Action',
    cell: (session) =>
      session.current ? (
        <span className="soft">Sign out in the menu</span>
      ) : (
        <Button onClick={() => onOpen('session', session.id)} aria-label={`End the session of ${browserOf(session)}`}>
          End
        </Button>
      ),
  },
]
