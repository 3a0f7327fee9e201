import './dialog.css'
import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import { Button, buttonClass } from './button.tsx'
import { TextField } from './field.tsx'
import { findFocusPlace } from './focus-place.ts'
import { type PopupPlace, PopupPlaceContext } from './popups.ts'
import { ErrorNotice } from './states.tsx'

export interface DialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  readonly children: ReactNode
  /**
   * `drawer` slides over the right side, for the details of one thing. `side` is for the navigation of narrow screens, and
   * `top` for a list whose length changes while it is open.
   */
  readonly shape?: 'window' | 'top' | 'drawer' | 'side'
}

/** A dialog, which Escape and a press outside close. What is typed in it must survive that, or use `ConfirmDialog`. */
export function Dialog({ isOpen, onClose, title, children, shape = 'window' }: DialogProps) {
  const popupRef = useRef<HTMLDivElement>(null)
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup
          className={`dialog ${shape}`}
          ref={popupRef}
          finalFocus={findFocusPlace}
          // What the dialog is for, otherwise the first element that can have the focus.
          initialFocus={() => popupRef.current?.querySelector<HTMLElement>('[data-initial-focus], .input') ?? true}
        >
          <div className="dialog-head">
            <Base.Title>{title}</Base.Title>
            <Base.Close className={buttonClass('plain', true)} aria-label="Close">
              <X className="icon" aria-hidden="true" />
            </Base.Close>
          </div>
          <WithPopups>{children}</WithPopups>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

export interface ConfirmDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  /** What will happen, and to what. */
  readonly children: ReactNode
  readonly action: string
  readonly onConfirm: () => void
  readonly isBusy?: boolean
  /** The action is not available yet, as long as what it ends is not known. */
  readonly isBlocked?: boolean
  /** The name of the thing, as the API returns it: the action is available once it has been typed. */
  readonly nameToType?: string | undefined
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
  nameToType,
  error,
  isDangerous = true,
}: ConfirmDialogProps) => {
  const popupRef = useRef<HTMLDivElement>(null)
  const cancelRef = useRef<HTMLButtonElement>(null)
  const [typed, setTyped] = useState('')
  // Names are in NFC, and some keyboards type characters that are not.
  const isTyped = nameToType === undefined || typed.normalize('NFC') === nameToType
  return (
    <AlertDialog.Root
      open={isOpen}
      onOpenChange={(open) => !open && onClose()}
      onOpenChangeComplete={(open) => !open && setTyped('')}
    >
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup
          className="dialog"
          ref={popupRef}
          finalFocus={findFocusPlace}
          // What has to be typed, otherwise the way back.
          initialFocus={() => popupRef.current?.querySelector<HTMLElement>('input.input') ?? cancelRef.current}
        >
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <WithPopups>
            <AlertDialog.Description render={<div className="stack" />}>{children}</AlertDialog.Description>
          </WithPopups>
          {nameToType !== undefined && (
            <TextField
              label={
                <>
                  Type <bdi>{nameToType}</bdi> to confirm
                </>
              }
              value={typed}
              onValueChange={setTyped}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          {Boolean(error) && <ErrorNotice error={error} />}
          <div className="dialog-actions">
            <AlertDialog.Close className={buttonClass('normal')} ref={cancelRef}>
              Cancel
            </AlertDialog.Close>
            <Button
              kind={isDangerous ? 'danger' : 'primary'}
              isBusy={isBusy}
              disabled={isBlocked || !isTyped}
              onClick={onConfirm}
            >
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

/** Lets menus and lists of a dialog open in it: everything outside of it is hidden from assistive technology. */
function WithPopups({ children }: { readonly children: ReactNode }) {
  const [place] = useState((): PopupPlace => ({ container: document.createElement('div'), positionMethod: 'fixed' }))
  return (
    <PopupPlaceContext value={place}>
      {children}
      <div className="dialog-popups" ref={(element) => element?.append(place.container)} />
    </PopupPlaceContext>
  )
}
