/** The masked form of a client secret, or of its hint: its last characters. */
export const maskSecret = (secret: string): string => `…${secret.slice(-4)}`
