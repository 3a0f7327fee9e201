import type { Queryable } from '../core/client.ts'

declare const authority: unique symbol

/**
 * The authority on which a transaction writes. `confirm` runs first in the transaction and throws if the authority no longer
 * exists; the change receives its result. Only `systemAuthority` and `callerAuthority` create one.
 */
export interface Authority<Confirmed> {
  readonly [authority]: true
  /** Why no credential is checked, or the kind of the checked credential. For readers and logs. */
  readonly reason: string
  readonly confirm: (tx: Queryable) => Promise<Confirmed>
}

/** Creates the authority of our own code: a schedule, an operator's command, a revocation. */
export const systemAuthority = (reason: string): Authority<undefined> =>
  branded({ reason, confirm: async () => undefined })

/**
 * Creates the authority of a caller's credential. `confirm` locks the credential's rows, reads them again, and throws a
 * denial if the caller no longer has the permission.
 */
export const callerAuthority = <Confirmed>(
  reason: string,
  confirm: (tx: Queryable) => Promise<Confirmed>,
): Authority<Confirmed> => branded({ reason, confirm })

/** The only place that adds the brand. */
const branded = <Confirmed>(made: Omit<Authority<Confirmed>, typeof authority>): Authority<Confirmed> =>
  made as Authority<Confirmed>

/** Tasks that run on a schedule: expiry, retention, rotation of signing keys. */
export const SCHEDULED_TASK = systemAuthority('scheduled task')
/** The operator's commands: they require the credentials of the database. */
export const OPERATOR_COMMAND = systemAuthority('operator command')
/** The first start, which creates the first account. */
export const INITIAL_SETUP = systemAuthority('initial setup')
/** Sign-up: a person without an account has no credential yet. */
export const SIGN_UP = systemAuthority('sign-up')
