import { endedKeyEntries } from '@daytona-auth/db/api-keys'
import { type AuditEntry, type AuditedTx, auditEntry, inAudit, OPERATOR_COMMAND } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import {
  deletePasskeys,
  deleteTotpFactor,
  type EndedUserAccess,
  endUserAccess,
  type FactorReset,
  findFactorReset,
  type LockedAccount,
  lockAccount,
  setAccountDisabled,
  verifyAccountEmail,
} from '@daytona-auth/db/users'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import { NegativeResult } from '../negative-result.ts'
import type { Output } from '../output.ts'
import { OPERATOR, withReason } from './operator.ts'
import { counted, requireUser } from './shown.ts'

/** The changes of an account that are their own audited action. */
export type UserChange = 'user.disable' | 'user.enable' | 'user.sign_out' | 'user.verify_email' | 'user.reset_factors'

export interface ChangeOptions {
  readonly change: UserChange
  /** Recorded in the audit trail. */
  readonly reason?: string | undefined
}

interface Changed {
  readonly account: LockedAccount
  /** The removal of second factors that the account was waiting for. */
  readonly pending: FactorReset | undefined
  readonly ended: EndedUserAccess
}

const NOTHING: EndedUserAccess = { sessions: 0, grants: [], keys: [] }

/** Makes each change. A locked account that is in the wanted state already is a negative result, so that scripts notice. */
const MAKE: Readonly<
  Record<UserChange, (tx: AuditedTx, userId: UserId, account: LockedAccount) => Promise<EndedUserAccess>>
> = {
  'user.disable': (tx, userId, { isDisabled }) => {
    if (isDisabled) throw new NegativeResult('the account is disabled already: nothing was changed')
    return setAccountDisabled(tx, userId, true, 'user disabled by the operator')
  },
  'user.enable': (tx, userId, { isDisabled }) => {
    if (!isDisabled) throw new NegativeResult('the account is not disabled: nothing was changed')
    return setAccountDisabled(tx, userId, false, 'user enabled by the operator')
  },
  'user.sign_out': (tx, userId) => endUserAccess(tx, userId, 'user signed out by the operator'),
  'user.reset_factors': async (tx, userId) => {
    const passkeys = await deletePasskeys(tx, userId)
    if (!(await deleteTotpFactor(tx, userId)) && passkeys === 0) {
      throw new NegativeResult('the account has no second factor: nothing was changed')
    }
    return endUserAccess(tx, userId, 'second factors removed by the operator')
  },
  'user.verify_email': async (tx, userId, { emailVerified }) => {
    if (emailVerified) throw new NegativeResult('the address is verified already: nothing was changed')
    await verifyAccountEmail(tx, userId)
    return NOTHING
  },
}

/** Says what was done. */
const DONE: Readonly<Record<UserChange, string>> = {
  'user.disable': 'disabled',
  'user.enable': 'enabled',
  'user.sign_out': 'signed out',
  'user.verify_email': 'verified the address of',
  'user.reset_factors': 'removed the second factors of',
}

/**
 * Makes a change of one account and records it in the trail of its personal organization. Running servers are notified by
 * the database.
 * @throws NegativeResult if there is no such account, or nothing to change
 */
export async function changeAccount(
  env: Environment,
  output: Output,
  idOrEmail: string,
  { change, reason }: ChangeOptions,
): Promise<void> {
  const { user, ended, pending } = await withDatabase(loadDatabaseConfig(env), output, async (database) => {
    const { id, email } = await requireUser(database, idOrEmail)
    const entriesFor = (changed: Changed) => entriesOf(change, id, changed, reason)
    const { ended, pending } = await inAudit<Changed>(database, OPERATOR_COMMAND, entriesFor, async (tx) => {
      const account = await lockAccount(tx, id)
      if (!account) throw new NegativeResult(`the account ${id} was deleted: nothing was changed`)
      const pending = await findFactorReset(tx, id)
      return { account, pending, ended: await MAKE[change](tx, id, account) }
    })
    return { user: { id, email }, ended, pending }
  })
  const counts = { endedSessions: ended.sessions, endedGrants: ended.grants.length, endedKeys: ended.keys.length }
  const tail =
    change === 'user.verify_email'
      ? ''
      : `: ended ${counted(ended.sessions, 'session')}, ${counted(ended.grants.length, 'grant')} and ${counted(ended.keys.length, 'API key')} created with them`
  const note =
    pending && change === 'user.reset_factors'
      ? `; the account would have lost them on ${pending.endsAt.toISOString()} by its own request`
      : ''
  await output.answer({ ...user, change, ...counts }, `${DONE[change]} ${user.email} (${user.id})${tail}${note}`)
}

function entriesOf(
  change: UserChange,
  targetId: UserId,
  { account, ended: { sessions, grants, keys } }: Changed,
  reason: string | undefined,
): AuditEntry[] {
  const own = { ...OPERATOR, organizationId: account.personalOrganizationId, targetId }
  const counts = { endedSessions: sessions, endedGrants: grants.length, endedKeys: keys.length }
  const event = {
    'user.disable': () => auditEntry('user.disable', { ...own, metadata: withReason(counts, reason) }),
    'user.enable': () => auditEntry('user.enable', { ...own, metadata: withReason({}, reason) }),
    'user.sign_out': () => auditEntry('user.sign_out', { ...own, metadata: withReason(counts, reason) }),
    'user.reset_factors': () => auditEntry('user.reset_factors', { ...own, metadata: withReason(counts, reason) }),
    'user.verify_email': () =>
      auditEntry('user.verify_email', { ...own, metadata: withReason({ by: 'operator' }, reason) }),
  }[change]()
  const endedBy = `${change} ${targetId}`
  return [
    event,
    ...grants.map(({ id, clientId }) =>
      auditEntry('grant.revoke', { ...own, targetId: id, metadata: { clientId, endedBy } }),
    ),
    ...endedKeyEntries(OPERATOR, keys, { endedBy }),
  ]
}
