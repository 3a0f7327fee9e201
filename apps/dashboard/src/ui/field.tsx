import './field.css'
import { Field } from '@base-ui/react/field'
import type { ComponentProps, ReactNode } from 'react'

export interface TextFieldProps extends Omit<ComponentProps<typeof Field.Control>, 'value' | 'onChange'> {
  readonly label: ReactNode
  readonly value: string
  readonly onValueChange: (value: string) => void
  readonly hint?: ReactNode
  /** What is wrong with the value, in plain words. */
  readonly problem?: ReactNode
  /** The label is read by assistive technology only. */
  readonly isLabelHidden?: boolean
}

/** A text input with its label, hint and problem, which are connected for assistive technology. */
export function TextField({
  label,
  hint,
  problem,
  isLabelHidden = false,
  onValueChange,
  className = '',
  ...control
}: TextFieldProps) {
  return (
    <Field.Root className="field" invalid={Boolean(problem)}>
      <Field.Label className={isLabelHidden ? 'visually-hidden' : 'field-label'}>{label}</Field.Label>
      <Field.Control {...control} className={`input ${className}`} onValueChange={(value) => onValueChange(value)} />
      {hint && <Field.Description className="hint">{hint}</Field.Description>}
      {problem && (
        <Field.Error className="wrong" match>
          {problem}
        </Field.Error>
      )}
    </Field.Root>
  )
}
