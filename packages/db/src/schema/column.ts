import { customType, timestamp } from 'drizzle-orm/pg-core'

/** An instant with its zone, as a `Date`. */
export const moment = () => timestamp({ withTimezone: true, mode: 'date' })

/** Bytes: digests and encrypted values. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })
