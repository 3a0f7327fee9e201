import './field.css'
import { Checkbox as Base } from '@base-ui/react/checkbox'
import { Check, Minus } from 'lucide-react'
import type { ReactNode } from 'react'

interface CheckboxProps {
  readonly checked: boolean
  readonly onCheckedChange: (checked: boolean) => void
  readonly isIndeterminate?: boolean
  readonly disabled?: boolean
}

/** A checkbox whose label is read by assistive technology only, for tables. */
export const BareCheckbox = ({
  label,
  isIndeterminate = false,
  ...rest
}: CheckboxProps & { readonly label: string }) => (
  <Base.Root className="checkbox" aria-label={label} indeterminate={isIndeterminate} {...rest}>
    <Base.Indicator>
      {isIndeterminate ? <Minus className="icon" aria-hidden="true" /> : <Check className="icon" aria-hidden="true" />}
    </Base.Indicator>
  </Base.Root>
)

/** A checkbox with its label beside it. The whole line is the target. */
export const Checkbox = ({ children, disabled, ...rest }: CheckboxProps & { readonly children: ReactNode }) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: Base UI's checkbox has an input of its own in the label
  <label className="choice" {...(disabled && { 'data-disabled': '' })}>
    <Base.Root className="checkbox" {...(disabled && { disabled })} {...rest}>
      <Base.Indicator>
        <Check className="icon" aria-hidden="true" />
      </Base.Indicator>
    </Base.Root>
    <span>{children}</span>
  </label>
)
