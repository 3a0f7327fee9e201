import { popupContainer } from './popups.ts'

/** What had the focus last: the element, its ancestors, nearest first, and whether a table was before it on the page. */
interface Place {
  readonly path: readonly HTMLElement[]
  readonly isAfterTable: boolean
}

let place: Place = { path: [], isAfterTable: false }

/**
 * Keeps a place for the focus when the element that has it disappears, such as a row that was deleted: without that, the next
 * Tab begins at the top of the document. Returns a function that stops it.
 */
export function keepFocusPlace(): () => void {
  const onFocus = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement)) return
    if (target.closest('.dialog, .skip-link') || popupContainer.contains(target)) return
    place = placeOf(target)
  }
  const observer = new MutationObserver(() => {
    const [last] = place.path
    if (last === undefined || last.isConnected || document.activeElement !== document.body) return
    const found = findFocusPlace()
    // "Show more" below a list: the browser continues where it was, and the heading is far above.
    if (found?.tagName === 'H1' && place.isAfterTable) return
    found?.focus({ preventScroll: true })
  })
  document.addEventListener('focusin', onFocus)
  observer.observe(document.body, { childList: true, subtree: true })
  return () => {
    document.removeEventListener('focusin', onFocus)
    observer.disconnect()
  }
}

/**
 * Returns where a person continues after a dialog: what had the focus before it, otherwise the table that it was in or beside,
 * otherwise the heading of the page.
 */
export function findFocusPlace(): HTMLElement | null {
  const [last] = place.path
  if (last?.isConnected && !last.matches(':disabled')) return last
  for (const element of place.path) {
    if (element.matches('.page, main')) break
    if (!element.isConnected) continue
    const table = element.matches('table') ? element : element.querySelector<HTMLElement>('table[aria-label]')
    if (table) {
      table.tabIndex = -1
      return table
    }
  }
  return document.querySelector<HTMLElement>('main h1')
}

function placeOf(target: HTMLElement): Place {
  const path: HTMLElement[] = []
  for (let element: HTMLElement | null = target; element; element = element.parentElement) path.push(element)
  const isAfterTable = [...document.querySelectorAll('main table')].some(
    (table) => (table.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
  )
  return { path, isAfterTable }
}
