import { useBlocker } from '@tanstack/react-router'
import { ConfirmDialog } from './dialog.tsx'

/** Asks before a page is left whose form has changes that are not saved. Another tab of the same page counts as leaving. */
export function UnsavedChanges({ isChanged }: { readonly isChanged: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isChanged && current.pathname + tabOf(current) !== next.pathname + tabOf(next),
    enableBeforeUnload: () => isChanged,
    withResolver: true,
  })
  return (
    <ConfirmDialog
      isOpen={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
      title="You have unsaved changes"
      action="Leave without saving"
      onConfirm={() => blocker.proceed?.()}
    >
      What you changed on this page is lost.
    </ConfirmDialog>
  )
}

/** The tab in the URL: a dialog over the page is in the URL too, and leaves the form as it is. */
const tabOf = ({ search }: { readonly search: object }): string =>
  'tab' in search && typeof search.tab === 'string' ? `?tab=${search.tab}` : ''
