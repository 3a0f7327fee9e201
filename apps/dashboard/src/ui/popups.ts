import { createContext, useContext } from 'react'

/**
 * Where menus and lists open on a page: an element in the main landmark, which the shell places there. It exists before
 * the first render, so that components can refer to it.
 */
export const popupContainer = document.createElement('div')

export interface PopupPlace {
  readonly container: HTMLElement
  /** `fixed` in a dialog, which scrolls and would cut off what is larger than itself. */
  readonly positionMethod: 'absolute' | 'fixed'
}

/** A dialog replaces it: everything outside of an open dialog is hidden from assistive technology. */
export const PopupPlaceContext = createContext<PopupPlace>({ container: popupContainer, positionMethod: 'absolute' })

/** Returns where menus and lists of the component open. */
export const usePopupPlace = (): PopupPlace => useContext(PopupPlaceContext)
