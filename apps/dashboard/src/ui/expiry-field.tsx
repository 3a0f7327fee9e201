import type { ReactNode } from 'react'
import { ChoiceGroup } from './choice-group.tsx'
import { dayOf } from './expiry.ts'
import { TextField } from './field.tsx'
import { useNow } from './relative-time.tsx'
import { formatAbsolute } from './time.ts'

/** When a key expires: a preset, or the last day of a calendar. */
export function ExpiryField<Choice extends string>({
  label,
  value,
  choices,
  onValueChange,
  hint,
  date,
  onDateChange,
  problem,
}: {
  readonly label: string
  readonly value: Choice
  readonly choices: readonly { readonly value: Choice; readonly label: string }[]
  readonly onValueChange: (value: Choice) => void
  /** What the choice means. */
  readonly hint: ReactNode
  /** The last day, for the choice `date`. */
  readonly date: string
  readonly onDateChange: (date: string) => void
  readonly problem: string | false | undefined
}) {
  const now = useNow()
  return (
    <div className="stack">
      <ChoiceGroup label={label} value={value} choices={choices} onValueChange={onValueChange} hint={hint} />
      {value === 'date' && (
        <TextField
          label="Last day"
          type="date"
          value={date}
          min={dayOf(new Date(now))}
          onValueChange={onDateChange}
          problem={problem}
          className="date-input"
        />
      )}
    </div>
  )
}

/** Says when a key will expire; a warning if it never does. Undefined: the day is not chosen yet. */
export function ExpiryHint({ expiresAt }: { readonly expiresAt: Date | null | undefined }) {
  if (expiresAt === undefined) return 'Choose the last day on which it is valid.'
  if (expiresAt !== null) return `It expires on ${formatAbsolute(expiresAt)}.`
  return (
    <strong className="warn-text">
      A key without expiry is valid until it is revoked. If it is copied, so is the copy.
    </strong>
  )
}
