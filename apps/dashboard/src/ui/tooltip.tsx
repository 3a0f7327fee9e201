import './tooltip.css'
import { Tooltip as Base } from '@base-ui/react/tooltip'
import type { ReactElement, ReactNode } from 'react'
import { popupContainer } from './popups.ts'

/** Explains `children`, one focusable element, on hover and focus. What it says must be available elsewhere too. */
export const Tooltip = ({ text, children }: { readonly text: ReactNode; readonly children: ReactElement }) => (
  <Base.Root>
    <Base.Trigger render={children as ReactElement<Record<string, unknown>>} delay={200} />
    <Base.Portal container={popupContainer}>
      <Base.Positioner className="positioner" sideOffset={6}>
        <Base.Popup className="tooltip">{text}</Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  </Base.Root>
)
