import { listOperatorClients } from '@daytona-auth/db/clients'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import type { Output } from '../output.ts'
import { lineOf, shown } from './shown.ts'

/** Prints every client of the operator, newest first. */
export async function listClients(env: Environment, output: Output): Promise<void> {
  const rows = await withDatabase(loadDatabaseConfig(env), output, listOperatorClients)
  const clients = rows.map(shown)
  await output.answer({ clients }, clients.length > 0 ? clients.map(lineOf).join('\n') : 'there are no clients')
}
