import './dialog.css'
import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { Button, buttonClass } from './button.tsx'
import { ErrorNotice } from './states.tsx'

export interface DialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  readonly children: ReactNode
  /** `drawer` slides over the right side, for the details of one thing. `side` is for the navigation of narrow screens. */
  readonly shape?: 'window' | 'drawer' | 'side'
}

/** A dialog, which Escape and a press outside close. What is typed in it must survive that, or use `ConfirmDialog`. */
export const Dialog = ({ isOpen, onClose, title, children, shape = 'window' }: DialogProps) => (
  <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
    <Base.Portal>
      <Base.Backdrop className="backdrop" />
      <Base.Popup className={`dialog ${shape}`}>
        <div className="dialog-head">
          <Base.Title>{title}</Base.Title>
          <Base.Close className={buttonClass('plain', true)} aria-label="Close">
            <X className="icon" aria-hidden="true" />
          </Base.Close>
        </div>
        {children}
      </Base.Popup>
    </Base.Portal>
  </Base.Root>
)

export interface ConfirmDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  /** What will happen, and to what. */
  readonly children: ReactNode
  readonly action: string
  readonly onConfirm: () => void
  readonly isBusy?: boolean
  /** The action is not available yet, as long as something has to be typed first. */
  readonly isBlocked?: boolean
  readonly error?: unknown
  readonly isDangerous?: boolean
}

/** Asks before something that cannot be undone. A press outside does not close it. */
export const ConfirmDialog = ({
  isOpen,
  onClose,
  title,
  children,
  action,
  onConfirm,
  isBusy = false,
  isBlocked = false,
  error,
  isDangerous = true,
}: ConfirmDialogProps) => {
  const popupRef = useRef<HTMLDivElement>(null)
  const cancelRef = useRef<HTMLButtonElement>(null)
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup
          className="dialog"
          ref={popupRef}
          // What has to be typed, otherwise the way back.
          initialFocus={() => popupRef.current?.querySelector<HTMLElement>('input.input') ?? cancelRef.current}
        >
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div className="stack" />}>{children}</AlertDialog.Description>
          {Boolean(error) && <ErrorNotice error={error} />}
          <div className="dialog-actions">
            <AlertDialog.Close className={buttonClass('normal')} ref={cancelRef}>
              Cancel
            </AlertDialog.Close>
            <Button kind={isDangerous ? 'danger' : 'primary'} isBusy={isBusy} disabled={isBlocked} onClick={onConfirm}>
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
