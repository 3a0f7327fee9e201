import { type ChainedEvent, listAuditChains, readChainedEvents } from '@daytona-auth/db/audit'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import type { Output } from '../output.ts'
import { noTrail, organizationOf } from './organization.ts'

/**
 * Prints the events of every trail, or of one, in the order of their chains. A page is read after the reader has taken the
 * one before, so that neither memory nor a snapshot grows with the trail.
 */
export async function exportTrails(env: Environment, output: Output, argument?: string): Promise<void> {
  const organizationId = argument === undefined ? undefined : organizationOf(argument)
  await withDatabase(loadDatabaseConfig(env), output, async (database) => {
    let isEmpty = true
    for await (const chain of organizationId ? [organizationId] : listAuditChains(database)) {
      for await (const events of readChainedEvents(database, chain)) {
        isEmpty = false
        await output.text(events.map((event) => `${lineOf(event)}\n`).join(''))
      }
    }
    if (organizationId && isEmpty) throw noTrail(organizationId)
  })
}

/** Formats an event as the API's export does, empty members included, with its place in the chain. */
const lineOf = ({ hash, previousHash, ...event }: ChainedEvent): string =>
  JSON.stringify({ ...event, previousHash: hex(previousHash), hash: hex(hash) })

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'))
