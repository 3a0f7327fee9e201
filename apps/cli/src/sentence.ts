/** Adds the full stop that the server's messages lack. */
export const toSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** Adds what the server states about a refused credential, as a sentence. */
export const withDescription = (message: string, description: string | undefined): string =>
  description === undefined ? message : `${message} ${toSentence(description)}`
