import './page.css'
import { ChevronLeft } from 'lucide-react'
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react'

/** The link to the list that a page belongs to: a function, which gets its class and content. */
export type BackLink = (className: string, icon: ReactElement) => ReactElement

/** The frame of every page: its heading, which gets the focus on navigation, its actions, and the document's title. */
export function Page({
  title,
  heading = title,
  lead,
  actions,
  back,
  isNarrow = false,
  children,
}: {
  /** The document's title. */
  readonly title: string
  /** The heading, if it is more than the title as text. */
  readonly heading?: ReactNode
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly back?: BackLink
  /** For forms: lines of a readable length. */
  readonly isNarrow?: boolean
  readonly children: ReactNode
}) {
  const headingRef = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Daytona`
  }, [title])
  useEffect(() => {
    // After a navigation, assistive technology and the keyboard continue at the new page. Not after the first load.
    if (hasNavigated() && !headingRef.current?.closest('main')?.contains(document.activeElement)) {
      headingRef.current?.focus({ preventScroll: true })
    }
  }, [])
  return (
    <div className={`page${isNarrow ? ' narrow-page' : ''}`}>
      {back?.('back-link', <ChevronLeft className="icon" aria-hidden="true" />)}
      <div className="page-head">
        <div>
          <h1 ref={headingRef} tabIndex={-1}>
            {heading}
          </h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** Keeps the place of the actions until it is known whether the person has them. */
export const ActionsPlaceholder = () => <span className="actions-placeholder" />

let pagesShown = 0
const hasNavigated = (): boolean => {
  pagesShown += 1
  return pagesShown > 1
}
