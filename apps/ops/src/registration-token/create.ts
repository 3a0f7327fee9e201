import { GivenName } from '@daytona-auth/accounts/given-name'
import { createSecretToken } from '@daytona-auth/accounts/secret-token'
import { auditEntry, DEPLOYMENT, inAudit, OPERATOR_COMMAND } from '@daytona-auth/db/audit'
import { insertInitialAccessToken, MAX_INITIAL_ACCESS_TOKENS } from '@daytona-auth/db/clients'
import { newId } from '@daytona-auth/db/core'
import { type Environment, StartupError } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import { NegativeResult } from '../negative-result.ts'
import { OPERATIONS } from '../operations.ts'
import type { Output } from '../output.ts'
import { lineOf, shown } from './shown.ts'

export interface CreateRegistrationTokenOptions {
  readonly name: string
  readonly uses: number
  readonly days: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Creates an initial access token. It is printed once and not stored. */
export async function createRegistrationToken(
  env: Environment,
  output: Output,
  { name: given, uses: maxUses, days }: CreateRegistrationTokenOptions,
): Promise<void> {
  const config = loadDatabaseConfig(env)
  const { data: name, error } = GivenName.safeParse(given)
  if (error) throw new StartupError(`--name: ${error.issues.map(({ message }) => message).join('; ')}`)
  const { token, digest } = createSecretToken()
  const id = newId('iat')
  const expiresAt = new Date(Date.now() + days * DAY_MS)
  const entry = auditEntry('initial_access_token.create', {
    organizationId: DEPLOYMENT,
    actorId: null,
    actorEmail: null,
    source: OPERATIONS,
    targetId: id,
    metadata: { name, maxUses, expiresAt: expiresAt.toISOString() },
  })
  const hint = `${'*'.repeat(20)}${token.slice(-4)}`
  const row = await withDatabase(config, output, (database) =>
    inAudit(database, OPERATOR_COMMAND, entry, async (tx) => {
      const inserted = await insertInitialAccessToken(tx, { id, name, digest, hint, maxUses, expiresAt })
      if (inserted) return inserted
      throw new NegativeResult(`there are ${MAX_INITIAL_ACCESS_TOKENS} tokens: revoke some first`)
    }),
  )
  await output.answer({ ...shown(row), token }, `created ${lineOf(shown(row))}\ntoken, shown only this once: ${token}`)
}
