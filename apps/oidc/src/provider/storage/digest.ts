import { hash } from 'node:crypto'

/** What is stored in place of an id or a secret: both are random enough for one SHA-256 to be final. */
export const digestOf = (value: string): Buffer => hash('sha256', value, 'buffer')
