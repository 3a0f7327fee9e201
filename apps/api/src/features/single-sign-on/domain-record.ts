import { randomBytes } from 'node:crypto'

/** No host has a name with an underscore (RFC 8552): who may only create hosts in a domain cannot claim it. */
const LABEL = '_daytona-verification'

/** The name of the TXT record that proves who controls a domain. */
export const recordNameOf = (domain: string): string => `${LABEL}.${domain}`

/** Creates the value of the record: of 160 bits, so that a record of another organization proves nothing. */
export const newRecordValue = (): string => `daytona-verification=${randomBytes(20).toString('base64url')}`
