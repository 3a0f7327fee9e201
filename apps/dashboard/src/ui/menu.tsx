import './menu.css'
import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import { usePopupPlace } from './popups.ts'

/** A menu that opens from `trigger`, one button. Its items are `MenuItem` and `MenuLink`. */
export function Menu({ trigger, children }: { readonly trigger: ReactElement; readonly children: ReactNode }) {
  const { container, positionMethod } = usePopupPlace()
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Base.Portal container={container}>
        <Base.Positioner className="positioner" positionMethod={positionMethod} sideOffset={6} align="end">
          <Base.Popup className="popup">{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export const MenuItem = ({
  children,
  onSelect,
  isDangerous = false,
}: {
  readonly children: ReactNode
  readonly onSelect: () => void
  readonly isDangerous?: boolean
}) => (
  <Base.Item className={`item${isDangerous ? ' danger' : ''}`} onClick={onSelect}>
    {children}
  </Base.Item>
)

/** An item that leads somewhere. `link` is a `<Link>` without content. */
export const MenuLink = ({ link, children }: { readonly link: ReactElement; readonly children: ReactNode }) => (
  <Base.LinkItem className="item" closeOnClick render={link as ReactElement<Record<string, unknown>>}>
    {children}
  </Base.LinkItem>
)
