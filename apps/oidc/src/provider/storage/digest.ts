import { hash } from 'node:crypto'

/** Returns the digest stored in place of an id or a secret. Both are random, so one SHA-256 suffices. */
export const digestOf = (value: string): Buffer => hash('sha256', value, 'buffer')
