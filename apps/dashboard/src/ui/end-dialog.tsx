import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ConfirmDialog } from './dialog.tsx'

/** Asks before a named thing ends for good: "Delete Notes?". The API's error stays in the dialog until it is closed. */
export function EndDialog({
  isOpen,
  onClose,
  verb,
  name,
  action,
  end,
  onEnded,
  isNameTyped = false,
  children,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  /** The first word of the question: "Delete". */
  readonly verb: string
  /** The name of the thing, as the API returns it. */
  readonly name: string
  readonly action: string
  readonly end: () => Promise<unknown>
  readonly onEnded: () => unknown
  /** The name has to be typed, because something may depend on the thing. */
  readonly isNameTyped?: boolean
  /** What will happen. */
  readonly children: ReactNode
}) {
  const ending = useMutation({ mutationFn: end, onSuccess: onEnded })
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        ending.reset()
        onClose()
      }}
      title={
        <>
          {verb} <bdi>{name}</bdi>?
        </>
      }
      action={action}
      onConfirm={() => ending.mutate()}
      isBusy={ending.isPending}
      nameToType={isNameTyped ? name : undefined}
      error={ending.error}
    >
      {children}
    </ConfirmDialog>
  )
}
