import './field.css'
import './menu.css'
import { Field } from '@base-ui/react/field'
import { Select as Base } from '@base-ui/react/select'
import { Check, ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { usePopupPlace } from './popups.ts'

export interface Option<Value extends string> {
  readonly value: Value
  readonly label: string
}

/** A choice of one of a few values. */
export function Select<Value extends string>({
  label,
  value,
  options,
  onValueChange,
  isLabelHidden = false,
  hint,
}: {
  readonly label: ReactNode
  readonly value: Value
  readonly options: readonly Option<Value>[]
  readonly onValueChange: (value: Value) => void
  readonly isLabelHidden?: boolean
  readonly hint?: ReactNode
}) {
  const { container, positionMethod } = usePopupPlace()
  return (
    <Field.Root className="field">
      <Base.Root
        value={value}
        items={options}
        onValueChange={(next) => next !== null && onValueChange(next)}
        modal={false}
      >
        <Base.Label className={isLabelHidden ? 'visually-hidden' : 'field-label'}>{label}</Base.Label>
        <Base.Trigger className="button select-trigger">
          <Base.Value />
          <Base.Icon>
            <ChevronDown className="icon" aria-hidden="true" />
          </Base.Icon>
        </Base.Trigger>
        <Base.Portal container={container}>
          <Base.Positioner
            className="positioner"
            positionMethod={positionMethod}
            sideOffset={6}
            alignItemWithTrigger={false}
          >
            <Base.Popup className="popup">
              <Base.List>
                {options.map((option) => (
                  <Base.Item key={option.value} value={option.value} className="item">
                    <Base.ItemText>{option.label}</Base.ItemText>
                    <Base.ItemIndicator className="end">
                      <Check className="icon" aria-hidden="true" />
                    </Base.ItemIndicator>
                  </Base.Item>
                ))}
              </Base.List>
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
      {hint && <Field.Description className="hint">{hint}</Field.Description>}
    </Field.Root>
  )
}
