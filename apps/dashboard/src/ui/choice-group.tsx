import './field.css'
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { type ReactNode, useId } from 'react'

/** A choice of one of a few values that are all visible. */
export function ChoiceGroup<Value extends string>({
  label,
  value,
  choices,
  onValueChange,
  hint,
}: {
  readonly label: string
  readonly value: Value
  readonly choices: readonly { readonly value: Value; readonly label: ReactNode }[]
  readonly onValueChange: (value: Value) => void
  readonly hint?: ReactNode
}) {
  const id = useId()
  return (
    <div className="field">
      <span className="field-label" id={id}>
        {label}
      </span>
      <RadioGroup
        className="choices"
        aria-labelledby={id}
        value={value}
        onValueChange={(next) => onValueChange(next as Value)} // the values of the choices
      >
        {choices.map((choice) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: Base UI's radio has an input of its own in the label
          <label key={choice.value} className="choice pill">
            <Radio.Root value={choice.value} className="radio">
              <Radio.Indicator className="radio-dot" />
            </Radio.Root>
            <span>{choice.label}</span>
          </label>
        ))}
      </RadioGroup>
      {hint && (
        <div className="hint" aria-live="polite">
          {hint}
        </div>
      )}
    </div>
  )
}
