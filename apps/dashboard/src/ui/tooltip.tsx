import './tooltip.css'
import { Tooltip as Base } from '@base-ui/react/tooltip'
import type { ReactElement, ReactNode } from 'react'
import { usePopupPlace } from './popups.ts'

/** Explains `children`, one focusable element, on hover and focus. What it says must be available elsewhere too. */
export function Tooltip({ text, children }: { readonly text: ReactNode; readonly children: ReactElement }) {
  const { container, positionMethod } = usePopupPlace()
  return (
    <Base.Root>
      <Base.Trigger render={children as ReactElement<Record<string, unknown>>} delay={200} />
      <Base.Portal container={container}>
        <Base.Positioner className="positioner" positionMethod={positionMethod} sideOffset={6}>
          <Base.Popup className="tooltip">{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
