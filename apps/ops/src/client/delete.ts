import {
  type AffectedKey,
  type AuditEntry,
  DEPLOYMENT,
  deleteOperatorClient,
  inAudit,
  keysOfClientEntries,
  OPERATOR_COMMAND,
} from '@daytona-auth/db'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { Refused } from '../refused.ts'

/** Those that this command or the API has made; the provider's own have ids of another kind. */
const MADE = /^app_/

/**
 * Deletes a client of the operator's. Its grants are killed with it, and so are its tokens and the keys made with them.
 * @throws Refused where there is none of that id, and for the provider's own
 */
export async function deleteClient(env: Environment, output: Output, clientId: string): Promise<void> {
  const config = loadDatabaseConfig(env)
  if (!MADE.test(clientId)) {
    throw new Refused(`${JSON.stringify(clientId)} is not a client that was made by command: nothing was changed`)
  }
  const entriesFor = (keys: readonly AffectedKey[]): AuditEntry[] => [
    {
      organizationId: DEPLOYMENT,
      actorId: null,
      actorEmail: null,
      source: OPERATIONS,
      action: 'oauth_app.delete',
      targetType: 'oauth_app',
      targetId: clientId,
    },
    ...keysOfClientEntries(keys, clientId),
  ]
  const keys = await withDatabase(config, output, (database) =>
    inAudit(database, OPERATOR_COMMAND, entriesFor, async (tx) => {
      const ended = await deleteOperatorClient(tx, clientId)
      if (ended) return ended
      throw new Refused(`the operator has no client ${JSON.stringify(clientId)}: nothing was changed`)
    }),
  )
  const answer = { deleted: clientId, endedApiKeys: keys.map(({ id }) => id) }
  const tail = keys.length > 0 ? `, and with it ${keys.length} API keys that were made with its tokens` : ''
  await output.answer(answer, `deleted ${clientId}${tail}`)
}
