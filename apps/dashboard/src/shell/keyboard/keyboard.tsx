import { lazy, Suspense, useCallback, useState } from 'react'
import { Dialog } from '../../ui/dialog.tsx'
import { Skeleton } from '../../ui/states.tsx'
import { type KeyboardDialog, useShortcuts } from './use-shortcuts.ts'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const Shortcuts = lazy(async () => ({ default: (await import('./shortcuts.tsx')).Shortcuts }))

const TITLES: Readonly<Record<KeyboardDialog, string>> = { palette: 'Commands', shortcuts: 'Keyboard shortcuts' }

/** The shortcuts of all pages, and what they open. It is loaded when it is opened. */
export function Keyboard({ organizationId }: { readonly organizationId: string | undefined }) {
  const [open, setOpen] = useState<KeyboardDialog>()
  const close = useCallback(() => setOpen(undefined), [])
  useShortcuts(organizationId, setOpen)
  return (
    <Dialog isOpen={open !== undefined} onClose={close} title={open && TITLES[open]} shape="top">
      <Suspense fallback={<Skeleton height="20rem" />}>
        {open === 'palette' && (
          <Palette organizationId={organizationId} onClose={close} onShortcuts={() => setOpen('shortcuts')} />
        )}
        {open === 'shortcuts' && <Shortcuts />}
      </Suspense>
    </Dialog>
  )
}
