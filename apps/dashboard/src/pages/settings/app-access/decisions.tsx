import type { AppDecision, OrganizationUser } from '@daytona-auth/sdk'
import { Ban, CircleCheck, Ellipsis, ShieldQuestion, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { AppAction } from '../../../api/app-access.ts'
import { Button } from '../../../ui/button.tsx'
import { Chip } from '../../../ui/chip.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Menu, MenuItem } from '../../../ui/menu.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { EmptyState } from '../../../ui/states.tsx'
import type { NamedApp } from './action-dialog.tsx'
import { AppName } from './app-name.tsx'

interface DecisionsProps {
  readonly rows: readonly AppDecision[]
  readonly people: readonly OrganizationUser[]
  readonly onAct: (app: NamedApp, action: AppAction) => void
}

/** The apps that the organization approved or blocked, and the way to decide about another one. */
export function Decisions({ rows, people, onAct }: DecisionsProps) {
  const columns = columnsFor(people, onAct)
  return (
    <section className="card" aria-label="Decisions">
      <div className="app-access-head stack">
        <h2>Decisions</h2>
        <p className="soft">
          A decision counts under every policy, from the next request of the app on. The client ID of an app is in the
          audit trail, and its makers know it.
        </p>
        <AnotherApp onAct={onAct} />
      </div>
      <DataTable
        label="Decisions"
        columns={columns}
        rows={rows}
        rowId={({ clientId }) => clientId}
        rowName={({ name }) => name}
        empty={<EmptyState icon={ShieldQuestion} title="No decision yet" />}
      />
    </section>
  )
}

function AnotherApp({ onAct }: Pick<DecisionsProps, 'onAct'>) {
  const [text, setText] = useState('')
  const clientId = text.trim()
  const act = (action: AppAction): void => onAct({ clientId, name: clientId, homepageUri: null }, action)
  return (
    <div className="app-access-form">
      <TextField
        label="Client ID"
        value={text}
        onValueChange={setText}
        maxLength={255}
        className="mono"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <Button disabled={clientId === ''} onClick={() => act('approve')}>
        Approve
      </Button>
      <Button disabled={clientId === ''} onClick={() => act('block')}>
        Block
      </Button>
    </div>
  )
}

const columnsFor = (people: DecisionsProps['people'], onAct: DecisionsProps['onAct']): Column<AppDecision>[] => [
  { id: 'app', header: 'App', kind: 'title', cell: (row) => <AppName {...row} /> },
  {
    id: 'decision',
    header: 'Decision',
    cell: ({ decision }) =>
      decision === 'approved' ? <Chip tone="good">Approved</Chip> : <Chip tone="bad">Blocked</Chip>,
  },
  {
    id: 'decidedBy',
    header: 'Decided by',
    cell: ({ decidedBy }) => {
      const member = people.find(({ userId }) => userId === decidedBy)
      return member ? <bdi>{member.name}</bdi> : <span className="soft">A former member</span>
    },
  },
  { id: 'updatedAt', header: 'Decided', cell: ({ updatedAt }) => <RelativeTime at={updatedAt} /> },
  {
    id: 'actions',
    header: '',
    kind: 'actions',
    cell: (row) => (
      <Menu
        trigger={
          <Button kind="plain" isIconOnly aria-label={`Actions for ${row.name}`}>
            <Ellipsis className="icon" aria-hidden="true" />
          </Button>
        }
      >
        {row.decision === 'approved' ? (
          <MenuItem onSelect={() => onAct(row, 'block')} isDangerous>
            <Ban className="icon" aria-hidden="true" />
            Block
          </MenuItem>
        ) : (
          <MenuItem onSelect={() => onAct(row, 'approve')}>
            <CircleCheck className="icon" aria-hidden="true" />
            Approve
          </MenuItem>
        )}
        <MenuItem onSelect={() => onAct(row, 'delete')} isDangerous>
          <Trash2 className="icon" aria-hidden="true" />
          Delete decision
        </MenuItem>
      </Menu>
    ),
  },
]
