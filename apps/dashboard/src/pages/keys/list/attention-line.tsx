import { ADMINISTRATION } from '@daytona-auth/protocol/scopes'
import type { ApiKeySummary } from '@daytona-auth/sdk'
import { Button } from '../../../ui/button.tsx'
import type { SearchChange } from '../../../ui/search-params.ts'
import type { KeysSearch } from './search.ts'

/** The API counts no further. */
const MOST_COUNTED = 1000
const numberOf = (count: number): string => (count < MOST_COUNTED ? String(count) : '1,000 or more')

/** What needs attention among the active keys, as sentences and as the filters that show it. */
const PARTS: readonly {
  readonly name: 'expiring' | 'unused' | 'administration'
  readonly sentence: (count: number, text: string) => string
  readonly filter: Pick<KeysSearch, 'status' | 'permission'>
}[] = [
  {
    name: 'expiring',
    sentence: (count, text) => `${text} ${count === 1 ? 'expires' : 'expire'} within 7 days`,
    filter: { status: 'expiring' },
  },
  { name: 'unused', sentence: (_count, text) => `${text} unused for 90 days`, filter: { status: 'unused' } },
  {
    name: 'administration',
    sentence: (_count, text) => `${text} with full administration`,
    filter: { permission: ADMINISTRATION },
  },
]

/** The line above the list. Each part filters it, and a second press takes the filter back. */
export function AttentionLine({
  summary,
  search,
  onChange,
}: {
  readonly summary: ApiKeySummary
  readonly search: KeysSearch
  readonly onChange: (change: SearchChange<KeysSearch>) => void
}) {
  const parts = PARTS.map(({ name, sentence, filter }) => ({
    name,
    filter,
    text: sentence(summary[name], numberOf(summary[name])),
    isChosen: search.status === filter.status && search.permission === filter.permission,
  })).filter(({ name, isChosen }) => summary[name] > 0 || isChosen)
  if (summary.active === 0) return null
  if (parts.length === 0)
    return <p className="attention soft">No key expires soon, is unused or has full administration.</p>
  return (
    <fieldset className="fieldset attention" aria-label="Needs attention">
      {parts.map(({ name, text, filter, isChosen }) => (
        <Button
          key={name}
          aria-pressed={isChosen}
          onClick={() => onChange({ status: undefined, permission: undefined, ...(!isChosen && filter) })}
        >
          {text}
        </Button>
      ))}
    </fieldset>
  )
}
