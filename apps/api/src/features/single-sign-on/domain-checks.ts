import { auditEntry, inAudit, SCHEDULED_TASK } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import { confirmDomain, type DomainRow, lapseDomain, takeDomainsToCheck } from '@daytona-auth/db/organizations'
import type { LookUpTxt } from '@daytona-auth/service'
import { recordNameOf } from './domain-record.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** How often the record of a verified domain is looked up. */
const INTERVAL_MS = DAY_MS
/** How long a record may be missing, or no DNS server answer, before the domain is no longer the organization's. */
const GRACE_MS = 7 * DAY_MS
const BATCH = 20

/**
 * Looks up the records of verified domains again, because domains are sold and expire, until none is due or `signal` is
 * aborted. A domain whose record was not found for a week no longer belongs to its organization. Returns how many lapsed.
 */
export async function checkDomains(database: Database, lookUpTxt: LookUpTxt, signal?: AbortSignal): Promise<number> {
  let lapsed = 0
  while (!signal?.aborted) {
    const domains = await takeDomainsToCheck(database, INTERVAL_MS, BATCH)
    const outcomes = await Promise.all(domains.map((domain) => check(database, lookUpTxt, domain)))
    lapsed += outcomes.filter((outcome) => outcome === 'lapsed').length
    if (domains.length < BATCH) break
  }
  return lapsed
}

async function check(database: Database, lookUpTxt: LookUpTxt, domain: DomainRow): Promise<'kept' | 'lapsed'> {
  const values = await lookUpTxt(recordNameOf(domain.domain)).catch((): readonly string[] => [])
  if (values.includes(domain.token)) {
    await confirmDomain(database, domain)
    return 'kept'
  }
  const row = await inAudit<DomainRow | undefined>(
    database,
    SCHEDULED_TASK,
    (ended) =>
      ended
        ? auditEntry('domain.lapse', {
            organizationId: ended.organizationId,
            actorId: null,
            actorEmail: null,
            source: 'system',
            targetId: ended.id,
            metadata: { domain: ended.domain },
          })
        : [],
    (tx) => lapseDomain(tx, domain.organizationId, domain.id, GRACE_MS),
  )
  return row ? 'lapsed' : 'kept'
}
