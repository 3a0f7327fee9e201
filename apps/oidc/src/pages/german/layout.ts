/** The sentences around every page. */
export const LAYOUT = {
  'Error: {title}': 'Fehler: {title}',
  'There is a problem': 'Es gibt ein Problem',
} as const
