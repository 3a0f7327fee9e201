/** Shortens the mask of a key to its first and last characters, with an ellipsis between. */
export const shortenMask = (mask: string): string => mask.replace(/\*+/, '…')
