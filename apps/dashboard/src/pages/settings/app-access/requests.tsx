import type { AppRequest } from '@daytona-auth/sdk'
import { Inbox } from 'lucide-react'
import type { AppAction } from '../../../api/app-access.ts'
import { Button } from '../../../ui/button.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { EmptyState } from '../../../ui/states.tsx'
import type { NamedApp } from './action-dialog.tsx'
import { AppName } from './app-name.tsx'

type Act = (app: NamedApp, action: AppAction) => void

/** The open requests of members to approve an app. */
export function Requests({ rows, onAct }: { readonly rows: readonly AppRequest[]; readonly onAct: Act }) {
  const columns = columnsFor(onAct)
  return (
    <section className="card" aria-label="Requests">
      <div className="app-access-head stack">
        <h2>Requests</h2>
        <p className="soft">
          Members request the approval of an app on its consent page. A request ends after 30 days.
        </p>
      </div>
      <DataTable
        label="Requests"
        columns={columns}
        rows={rows}
        rowId={({ clientId }) => clientId}
        rowName={({ name }) => name}
        empty={<EmptyState icon={Inbox} title="No open request" />}
      />
    </section>
  )
}

const ANSWERS = [
  ['approve', 'Approve'],
  ['block', 'Block'],
  ['decline', 'Decline'],
] as const satisfies readonly (readonly [AppAction, string])[]

const columnsFor = (onAct: Act): Column<AppRequest>[] => [
  { id: 'app', header: 'App', kind: 'title', cell: (row) => <AppName {...row} /> },
  {
    id: 'members',
    header: 'Requested by',
    cell: ({ members, requesters: [first] }) =>
      first && (
        <span className="title-block">
          <bdi>{first.name}</bdi>
          <span className="soft app-homepage">{first.email}</span>
          {members > 1 && <span className="soft">and {members - 1} more</span>}
        </span>
      ),
  },
  { id: 'requestedAt', header: 'First requested', cell: ({ requestedAt }) => <RelativeTime at={requestedAt} /> },
  {
    id: 'answer',
    header: 'Answer',
    cell: (row) => (
      <span className="app-answers">
        {ANSWERS.map(([action, label]) => (
          <Button key={action} onClick={() => onAct(row, action)}>
            {label}
            <span className="visually-hidden"> {row.name}</span>
          </Button>
        ))}
      </span>
    ),
  },
]
