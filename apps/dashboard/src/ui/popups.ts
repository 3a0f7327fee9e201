/**
 * Where menus and lists open: an element in the main landmark, which the shell places there. It exists before the first
 * render, so that components can refer to it.
 */
export const popupContainer = document.createElement('div')
