import type { ApiKey } from '@daytona-auth/sdk'
import { Button } from '../../../ui/button.tsx'
import { needsAttention } from './filter.ts'
import { ATTENTION, type Attention } from './search.ts'

const SENTENCES: Record<Attention, (count: number) => string> = {
  expiring: (count) => `${count} ${count === 1 ? 'expires' : 'expire'} within 7 days`,
  unused: (count) => `${count} unused for 90 days`,
  administration: (count) => `${count} with full administration`,
}

/** What needs attention among the active keys. Each part filters the list. */
export function AttentionLine({
  keys,
  now,
  chosen,
  onChoose,
}: {
  readonly keys: readonly ApiKey[]
  readonly now: number
  readonly chosen: Attention | undefined
  readonly onChoose: (attention: Attention | undefined) => void
}) {
  const parts = ATTENTION.map((name) => ({ name, count: keys.filter((key) => needsAttention[name](key, now)).length }))
  const shown = parts.filter(({ name, count }) => count > 0 || name === chosen)
  if (shown.length === 0) return null
  return (
    <fieldset className="fieldset attention" aria-label="Needs attention">
      {shown.map(({ name, count }) => (
        <Button key={name} aria-pressed={name === chosen} onClick={() => onChoose(name === chosen ? undefined : name)}>
          {SENTENCES[name](count)}
        </Button>
      ))}
    </fieldset>
  )
}
