import './button.css'
import type { ComponentProps } from 'react'

export type ButtonKind = 'normal' | 'primary' | 'danger' | 'plain'

/** Returns the class of a control that looks like a button, for links as well. */
export const buttonClass = (kind: ButtonKind = 'normal', isIconOnly = false): string =>
  `button ${kind}${isIconOnly ? ' icon-only' : ''}`

export interface ButtonProps extends ComponentProps<'button'> {
  readonly kind?: ButtonKind
  /** The content is one icon: give it an `aria-label`. */
  readonly isIconOnly?: boolean
  /** Shows that the action is under way. It stays focusable, so that the focus is not lost. */
  readonly isBusy?: boolean
}

/** A button. While busy it ignores presses. */
export function Button({ kind, isIconOnly, isBusy = false, onClick, className = '', ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${buttonClass(kind, isIconOnly)} ${className}`}
      aria-disabled={isBusy || rest['aria-disabled']}
      onClick={(event) => {
        if (isBusy) event.preventDefault()
        else onClick?.(event)
      }}
    />
  )
}
