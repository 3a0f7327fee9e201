import { listOperatorClients, listRegisteredClients } from '@daytona-auth/db/clients'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import type { Output } from '../output.ts'
import { lineOf, shown } from './shown.ts'

/** Prints every client of the operator, or every one that registered itself, newest first. */
export async function listClients(env: Environment, output: Output, isRegistered: boolean): Promise<void> {
  const list = isRegistered ? listRegisteredClients : listOperatorClients
  const rows = await withDatabase(loadDatabaseConfig(env), output, list)
  const clients = rows.map(shown)
  await output.answer({ clients }, clients.length > 0 ? clients.map(lineOf).join('\n') : 'there are no clients')
}
