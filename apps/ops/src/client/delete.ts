import type { AffectedKey } from '@daytona-auth/db/api-keys'
import { type AuditEntry, auditEntry, DEPLOYMENT, inAudit, OPERATOR_COMMAND } from '@daytona-auth/db/audit'
import { deleteOperatorClient, keysOfClientEntries } from '@daytona-auth/db/clients'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import { NegativeResult } from '../negative-result.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'

/** Ids of clients created by this command or the API, and of documents. The provider's own clients have other ids. */
const CREATED_ID = /^(?:app_|https:)/

/**
 * Deletes a client of the operator and revokes its grants, its tokens and the keys created with them.
 * @throws NegativeResult if there is none of that id, and for the provider's own clients
 */
export async function deleteClient(env: Environment, output: Output, clientId: string): Promise<void> {
  const config = loadDatabaseConfig(env)
  if (!CREATED_ID.test(clientId)) {
    throw new NegativeResult(`${JSON.stringify(clientId)} was not created by this command: nothing was changed`)
  }
  const entriesFor = (keys: readonly AffectedKey[]): AuditEntry[] => [
    auditEntry('oauth_app.delete', {
      organizationId: DEPLOYMENT,
      actorId: null,
      actorEmail: null,
      source: OPERATIONS,
      targetId: clientId,
      metadata: {},
    }),
    ...keysOfClientEntries(keys, clientId),
  ]
  const keys = await withDatabase(config, output, (database) =>
    inAudit(database, OPERATOR_COMMAND, entriesFor, async (tx) => {
      const ended = await deleteOperatorClient(tx, clientId)
      if (ended) return ended
      throw new NegativeResult(`the operator has no client ${JSON.stringify(clientId)}: nothing was changed`)
    }),
  )
  const answer = { deleted: clientId, endedApiKeys: keys.map(({ id }) => id) }
  const tail = keys.length > 0 ? ` and revoked ${keys.length} API keys created with its tokens` : ''
  await output.answer(answer, `deleted ${clientId}${tail}`)
}
