import type { Queryable } from './client.ts'

declare const authority: unique symbol

/**
 * On whose authority a transaction writes. `confirm` runs first in the transaction and throws unless the authority still
 * holds there; the change receives what it returns. Only `systemAuthority` and `callerAuthority` make one.
 */
export interface Authority<Confirmed> {
  readonly [authority]: true
  /** Why no credential is checked, or which kind of credential is. For readers and logs. */
  readonly reason: string
  readonly confirm: (tx: Queryable) => Promise<Confirmed>
}

/** The authority of our own code: a schedule, an operator's command, an end of access. */
export const systemAuthority = (reason: string): Authority<undefined> =>
  branded({ reason, confirm: async () => undefined })

/**
 * The authority of a caller's credential. `confirm` locks and reads again what the credential is now, and throws a refusal
 * if the caller may not do this any more.
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
/** The operator's commands: whoever may run them has the database's own credentials. */
export const OPERATOR_COMMAND = systemAuthority('operator command')
/** The first start, which makes the first account. */
export const INITIAL_SETUP = systemAuthority('initial setup')
/** Signing up: a person without an account has no credential yet. */
export const SIGN_UP = systemAuthority('sign-up')
