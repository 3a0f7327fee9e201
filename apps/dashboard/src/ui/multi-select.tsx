import './chip.css'
import './field.css'
import './menu.css'
import { Combobox } from '@base-ui/react/combobox'
import { Check, X } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { usePopupPlace } from './popups.ts'
import type { Option } from './select.tsx'

/** A choice of several values, found by typing a part of their names. */
export function MultiSelect({
  label,
  hint,
  options,
  values,
  onValuesChange,
  placeholder,
}: {
  readonly label: string
  readonly hint?: ReactNode
  readonly options: readonly Option<string>[]
  readonly values: readonly string[]
  readonly onValuesChange: (values: string[]) => void
  readonly placeholder: string
}) {
  const id = useId()
  const { container, positionMethod } = usePopupPlace()
  const chosen = options.filter(({ value }) => values.includes(value))
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <Combobox.Root
        multiple
        items={options}
        value={chosen}
        onValueChange={(next: Option<string>[], { reason }) => {
          // Escape closes the list. Once it is closed, it would remove every chosen value.
          if (reason !== 'escape-key') onValuesChange(next.map(({ value }) => value))
        }}
      >
        <Combobox.Chips className="multi">
          {chosen.map((option) => (
            <Combobox.Chip key={option.value} className="chip">
              <bdi>{option.label}</bdi>
              <Combobox.ChipRemove className="chip-remove" aria-label={`Remove ${option.label}`}>
                <X className="icon" aria-hidden="true" />
              </Combobox.ChipRemove>
            </Combobox.Chip>
          ))}
          <Combobox.Input id={id} placeholder={chosen.length === 0 ? placeholder : ''} />
        </Combobox.Chips>
        <Combobox.Portal container={container}>
          <Combobox.Positioner className="positioner" positionMethod={positionMethod} sideOffset={6} align="start">
            <Combobox.Popup className="popup" aria-label={label}>
              <Combobox.Empty>
                <p className="item-group-label">Nothing has this name.</p>
              </Combobox.Empty>
              <Combobox.List>
                {(option: Option<string>) => (
                  <Combobox.Item key={option.value} value={option} className="item">
                    <bdi className="truncate">{option.label}</bdi>
                    <Combobox.ItemIndicator className="end">
                      <Check className="icon" aria-hidden="true" />
                    </Combobox.ItemIndicator>
                  </Combobox.Item>
                )}
              </Combobox.List>
            </Combobox.Popup>
          </Combobox.Positioner>
        </Combobox.Portal>
      </Combobox.Root>
      {hint && <p className="hint">{hint}</p>}
    </div>
  )
}
