import {
  createAnchorSigner,
  type Database,
  findAuditEventAt,
  hasAuditAnchors,
  listAuditChains,
  type OrganizationId,
  verifyAuditChain,
} from '@daytona-auth/db'
import { apiShape, loadConfig, StartupError } from '@daytona-auth/service'
import { databaseShape } from '../config.ts'
import { withDatabase } from '../database.ts'
import { EXIT, type Host } from '../host.ts'
import type { Output } from '../output.ts'
import { noTrail, organizationOf } from './organization.ts'

interface Break {
  readonly organizationId: OrganizationId
  /** The number of the first event that does not follow from those before it. */
  readonly brokenAt: number
  /** The event that stands there, if one does. */
  readonly brokenEventId: string | null
}

interface Verification {
  readonly chains: number
  readonly events: number
  readonly broken: readonly Break[]
}

const { AUDIT_ANCHOR_KEYS } = apiShape

/**
 * Recomputes the chain of every trail, or of the one that is asked for, and names where each broken one breaks; the exit
 * code says whether any does.
 * @throws StartupError where months were dropped and `AUDIT_ANCHOR_KEYS` does not say by whom
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
    const isThere = found.events > 0 || found.broken.length > 0
    if (organizationId && !isThere && !(await hasAuditAnchors(database, organizationId))) throw noTrail(organizationId)
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
