import { listInitialAccessTokens } from '@daytona-auth/db/clients'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import type { Output } from '../output.ts'
import { lineOf, shown } from './shown.ts'

/** Prints every initial access token, newest first. */
export async function listRegistrationTokens(env: Environment, output: Output): Promise<void> {
  const rows = await withDatabase(loadDatabaseConfig(env), output, listInitialAccessTokens)
  const tokens = rows.map(shown)
  await output.answer({ tokens }, tokens.length > 0 ? tokens.map(lineOf).join('\n') : 'there are no tokens')
}
