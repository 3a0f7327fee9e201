import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { ACCOUNT_KEY, ORGANIZATION_PAGES } from '../pages.ts'
import { areSingleKeysOn } from './single-keys.ts'

/** What opens over the page. */
export type KeyboardDialog = 'palette' | 'shortcuts'

/** The time between `g` and the key of a page. */
const SEQUENCE_MS = 1500

/** Elements that take typed characters themselves: fields, and lists that are searched by typing. */
const TAKES_KEYS =
  'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable], [role="combobox"], [role="listbox"], [role="menu"]'

/** ⌘K or Ctrl+K opens the commands; `/` focuses the search, `?` lists the shortcuts, and `g` with a letter opens a page. */
export function useShortcuts(organizationId: string | undefined, onOpen: (dialog: KeyboardDialog) => void): void {
  const navigate = useNavigate()
  useEffect(() => {
    let sequenceEndsAt = 0
    const go = (key: string): boolean => {
      if (key === ACCOUNT_KEY) {
        void navigate({ to: '/account' })
        return true
      }
      const page = ORGANIZATION_PAGES.find((one) => one.key === key)
      if (!page || organizationId === undefined) return false
      void navigate({ to: page.to, params: { organizationId } })
      return true
    }
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, target } = event
      if (event.defaultPrevented || event.isComposing || event.repeat) return
      // A dialog has its own keys.
      if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return
      if (key.toLowerCase() === 'k' && event.metaKey !== event.ctrlKey && !event.altKey && !event.shiftKey) {
        event.preventDefault()
        onOpen('palette')
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || !areSingleKeysOn()) return
      if (target instanceof Element && target.closest(TAKES_KEYS)) return
      const isSequence = event.timeStamp < sequenceEndsAt
      sequenceEndsAt = 0
      if (isSequence && go(key)) event.preventDefault()
      else if (key === 'g') sequenceEndsAt = event.timeStamp + SEQUENCE_MS
      else if (key === '?') onOpen('shortcuts')
      else if (key === '/') {
        const search = document.querySelector<HTMLInputElement>('[data-search]')
        if (!search) return
        event.preventDefault()
        search.focus()
        search.select()
      }
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [navigate, organizationId, onOpen])
}
