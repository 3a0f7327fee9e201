import type { ReactNode } from 'react'
import type { DurationDraft, DurationUnit } from './duration.ts'
import { TextField } from './field.tsx'
import { Select } from './select.tsx'

const UNITS: readonly { readonly value: DurationUnit; readonly label: string }[] = [
  { value: 'seconds', label: 'seconds' },
  { value: 'minutes', label: 'minutes' },
  { value: 'hours', label: 'hours' },
  { value: 'days', label: 'days' },
]

/** A time span: a whole number and its unit. */
export const DurationField = ({
  label,
  hint,
  value,
  onValueChange,
  problem,
}: {
  readonly label: string
  readonly hint: ReactNode
  readonly value: DurationDraft
  readonly onValueChange: (value: DurationDraft) => void
  readonly problem?: ReactNode
}) => (
  <div className="duration">
    <TextField
      label={label}
      hint={hint}
      inputMode="numeric"
      placeholder="Default"
      value={value.amount}
      onValueChange={(amount) => onValueChange({ ...value, amount })}
      maxLength={9}
      autoComplete="off"
      problem={problem}
    />
    <Select
      label={`Unit of: ${label}`}
      isLabelHidden
      value={value.unit}
      options={UNITS}
      onValueChange={(unit) => onValueChange({ ...value, unit })}
    />
  </div>
)
