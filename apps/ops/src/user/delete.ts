import { inAudit, OPERATOR_COMMAND } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import {
  type AccountDeletion,
  type AffectedOrganization,
  deleteAccount,
  deletedAccountEntries,
  endedKeysOf,
  listAffectedOrganizations,
  readUserAccess,
  type UserRow,
} from '@daytona-auth/db/users'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import { NegativeResult } from '../negative-result.ts'
import type { Output } from '../output.ts'
import { OPERATOR } from './operator.ts'
import { counted, requireUser } from './shown.ts'

export interface DeleteUserOptions {
  /** Recorded in the audit trail. */
  readonly reason?: string | undefined
  /** Without it, the command prints what it would delete. */
  readonly yes?: true | undefined
}

/**
 * Deletes an account, or prints what that would delete.
 * @throws NegativeResult if there is no such account, or an organization would be left without an owner
 */
export async function deleteUser(
  env: Environment,
  output: Output,
  idOrEmail: string,
  { reason, yes }: DeleteUserOptions,
): Promise<void> {
  await withDatabase(loadDatabaseConfig(env), output, async (database) => {
    const user = await requireUser(database, idOrEmail)
    if (user.deletedAt) throw new NegativeResult(`the account ${user.id} was deleted already: nothing was changed`)
    if (!yes) return preview(database, output, user)
    const result = await inAudit<AccountDeletion>(
      database,
      OPERATOR_COMMAND,
      (deletion) =>
        deletion.outcome === 'deleted' ? deletedAccountEntries(OPERATOR, user.id, deletion.deletion, reason) : [],
      (tx) => deleteAccount(tx, user.id, 'user deleted by the operator'),
    )
    if (result.outcome === 'blocked') throw new NegativeResult(describeBlocked(result.organizations))
    if (result.outcome === 'unknown') {
      throw new NegativeResult(`the account ${user.id} was deleted already: nothing was changed`)
    }
    const { deleted, left } = result.deletion
    const endedKeys = endedKeysOf(result.deletion)
    const answer = {
      deleted: user.id,
      deletedOrganizations: deleted.map(({ id }) => id),
      leftOrganizations: left.map(({ member }) => member.organizationId),
      endedApiKeys: endedKeys.map(({ id }) => id),
    }
    await output.answer(
      answer,
      `deleted ${user.id} and ${counted(deleted.length, 'organization')} without other members, and revoked ${counted(endedKeys.length, 'API key')}`,
    )
  })
}

async function preview(database: Database, output: Output, { id, email }: UserRow): Promise<void> {
  const { activeApiKeys, sessions, grants } = await readUserAccess(database, id)
  const organizations = await listAffectedOrganizations(database, id)
  const blocked = organizations.filter(({ effect }) => effect === 'blocked')
  const lines = [
    `would delete ${email} (${id}), with its personal organization`,
    `would revoke ${counted(activeApiKeys, 'active API key')} and ${counted(grants, 'grant')}, and end ${counted(sessions, 'session')}`,
    ...organizations.map((organization) => `would ${EFFECTS[organization.effect]} ${nameOf(organization)}`),
    blocked.length > 0 ? describeBlocked(blocked) : 'nothing was changed: add --yes to delete',
  ]
  await output.answer(
    { id, email, activeApiKeys, grants, sessions, organizations, isBlocked: blocked.length > 0 },
    lines.join('\n'),
  )
}

const EFFECTS: Readonly<Record<AffectedOrganization['effect'], string>> = {
  delete: 'delete the organization',
  leave: 'end the membership of',
  blocked: 'leave without an owner',
}

const nameOf = ({ id, name }: AffectedOrganization): string => `${id} ${JSON.stringify(name)}`

const describeBlocked = (organizations: readonly AffectedOrganization[]): string =>
  `it is the only owner of ${organizations.map(nameOf).join(', ')}, which has other members: make one of them an owner first; nothing was changed`
