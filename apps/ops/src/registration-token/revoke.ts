import { auditEntry, DEPLOYMENT, inAudit, OPERATOR_COMMAND } from '@daytona-auth/db/audit'
import { deleteInitialAccessToken, type InitialAccessTokenRow } from '@daytona-auth/db/clients'
import type { InitialAccessTokenId } from '@daytona-auth/db/core'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import { NegativeResult } from '../negative-result.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { lineOf, shown } from './shown.ts'

/** Revokes an initial access token. @throws NegativeResult if there is none of that id */
export async function revokeRegistrationToken(env: Environment, output: Output, tokenId: string): Promise<void> {
  const entryFor = ({ id, name, uses }: InitialAccessTokenRow) =>
    auditEntry('initial_access_token.delete', {
      organizationId: DEPLOYMENT,
      actorId: null,
      actorEmail: null,
      source: OPERATIONS,
      targetId: id,
      metadata: { name, uses },
    })
  const row = await withDatabase(loadDatabaseConfig(env), output, (database) =>
    inAudit(database, OPERATOR_COMMAND, entryFor, async (tx) => {
      const deleted = await deleteInitialAccessToken(tx, tokenId as InitialAccessTokenId)
      if (deleted) return deleted
      throw new NegativeResult(`there is no token ${JSON.stringify(tokenId)}: nothing was changed`)
    }),
  )
  await output.answer({ revoked: row.id }, `revoked ${lineOf(shown(row))}`)
}
