import { Fragment, type ReactElement, type ReactNode } from 'react'

/** What the link to a tab gets, beside its target. */
export interface TabLink<Tab extends string> {
  readonly search: { readonly tab: Tab | undefined }
  readonly className: string
  readonly activeOptions: { readonly includeSearch: true; readonly explicitUndefined: true }
  readonly children: ReactNode
}

/** The parts of a page, each with a URL of its own. The first one is shown if the URL names none. */
export const Tabs = <Tab extends string>({
  label,
  tabs,
  link,
}: {
  /** The name of the navigation: "Parts of the key". */
  readonly label: string
  readonly tabs: Readonly<Record<Tab, string>>
  readonly link: (props: TabLink<Tab>) => ReactElement
}) => {
  const names = Object.keys(tabs) as Tab[] // the keys of a record of labels are exactly its tabs
  return (
    <nav className="tabs" aria-label={label} ref={revealCurrentTab}>
      {names.map((tab) => (
        <Fragment key={tab}>
          {link({
            search: { tab: tab === names[0] ? undefined : tab },
            className: 'tab',
            activeOptions: { includeSearch: true, explicitUndefined: true },
            children: tabs[tab],
          })}
        </Fragment>
      ))}
    </nav>
  )
}

/** Scrolls narrow tabs sideways to the current one, when they are mounted. */
function revealCurrentTab(nav: HTMLElement | null): void {
  const current = nav?.querySelector('[aria-current="page"]')
  if (nav && current) nav.scrollLeft += current.getBoundingClientRect().right - nav.getBoundingClientRect().right
}
