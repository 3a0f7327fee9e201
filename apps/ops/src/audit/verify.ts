import { apiShape } from '@daytona-auth/configuration/api'
import {
  createAnchorSigner,
  findAuditEventAt,
  hasAuditAnchors,
  listAuditChains,
  verifyAuditChain,
} from '@daytona-auth/db/audit'
import type { Database, OrganizationId } from '@daytona-auth/db/core'
import { loadConfig, StartupError } from '@daytona-auth/service'
import { databaseShape } from '../config.ts'
import { withDatabase } from '../database.ts'
import { EXIT, type Host } from '../host.ts'
import type { Output } from '../output.ts'
import { noTrail, organizationOf } from './organization.ts'

interface Break {
  readonly organizationId: OrganizationId
  /** The number of the first event whose hash does not follow from the events before it. */
  readonly brokenAt: number
  /** The event with that number, if there is one. */
  readonly brokenEventId: string | null
}

interface Verification {
  readonly chains: number
  readonly events: number
  readonly broken: readonly Break[]
}

const { AUDIT_ANCHOR_KEYS } = apiShape

/**
 * Recomputes the chain of every trail, or of one, and prints where each broken one breaks. The exit code is 1 if any does.
 * @throws StartupError if months were dropped and `AUDIT_ANCHOR_KEYS` is not set
 */
export async function verifyTrails(host: Host, output: Output, argument?: string): Promise<void> {
  const organizationId = argument === undefined ? undefined : organizationOf(argument)
  const config = loadConfig({ ...databaseShape, AUDIT_ANCHOR_KEYS }, host.env)
  const signer = config.AUDIT_ANCHOR_KEYS && createAnchorSigner(config.AUDIT_ANCHOR_KEYS)
  const verification = await withDatabase(config, output, async (database) => {
    if (!signer && (await hasAuditAnchors(database, organizationId))) {
      throw new StartupError('months of the trail were dropped: set AUDIT_ANCHOR_KEYS to the keys that signed for them')
    }
    const found = await verifyEach(database, organizationId ? [organizationId] : listAuditChains(database), signer)
    const hasTrail = found.events > 0 || found.broken.length > 0
    if (organizationId && !hasTrail && !(await hasAuditAnchors(database, organizationId))) throw noTrail(organizationId)
    return found
  })
  if (verification.broken.length > 0) host.exitCode = EXIT.no
  await output.answer(verification, textOf(verification))
}

async function verifyEach(
  database: Database,
  chains: Iterable<OrganizationId> | AsyncIterable<OrganizationId>,
  signer: ReturnType<typeof createAnchorSigner> | undefined,
): Promise<Verification> {
  const broken: Break[] = []
  let [count, events] = [0, 0]
  for await (const organizationId of chains) {
    const chain = await verifyAuditChain(database, organizationId, signer && { isGenuine: signer.isGenuine })
    count += 1
    events += chain.events
    const { brokenAt } = chain
    if (brokenAt === null) continue
    broken.push({
      organizationId,
      brokenAt,
      brokenEventId: await findAuditEventAt(database, organizationId, brokenAt),
    })
  }
  return { chains: count, events, broken }
}

const textOf = ({ chains, events, broken }: Verification): string =>
  [
    ...broken.map(
      ({ organizationId, brokenAt, brokenEventId }) =>
        `${organizationId}: broken at event ${brokenAt} (${brokenEventId ?? 'none is there'})`,
    ),
    `${chains} chains with ${events} events verified: ${broken.length === 0 ? 'none is broken' : `${broken.length} broken`}`,
  ].join('\n')
