/** Shortens the mask of a key to its first and last characters: `dta_B2FO…9P8M`. */
export const shortenMask = (mask: string): string => mask.replace(/\*+/, '…')
