import { type AuditEntry, auditEntry, inAudit } from '@daytona-auth/db/audit'
import { type Database, newId } from '@daytona-auth/db/core'
import {
  countDomains,
  type DomainRow,
  deleteDomain,
  findDomain,
  insertDomain,
  verifyDomain,
} from '@daytona-auth/db/organizations'
import { badRequest, conflict, type LookUpTxt, notFound, unavailable } from '@daytona-auth/service'
import type { CallerInOrganization } from '../../http/caller.ts'
import { counted, limitReached } from '../../limits/creation-limits.ts'
import { confirmOwner, lockForOwner } from './authority.ts'
import { newRecordValue, recordNameOf } from './domain-record.ts'

/** Domains of one organization, pending ones included. */
const MAX_DOMAINS = 50

/** Seconds until another attempt, if no DNS server answers. */
const RETRY_SECONDS = 30

export interface DomainDependencies {
  readonly database: Database
  readonly lookUpTxt: LookUpTxt
}

/**
 * Claims a domain for the caller's organization, which has no effect before it is verified.
 * @throws Denial 400 for a text that is no domain or a public mail service, 403 unless an owner acts in person, 401 without a
 *   recent sign-in, 409 for a repeated claim, at the limit, or in a personal organization
 */
export async function createDomain(
  { database }: Pick<DomainDependencies, 'database'>,
  caller: CallerInOrganization,
  text: string,
): Promise<DomainRow> {
  // Loaded on demand: its list of public mail services is long.
  const { readEmailDomain } = await import('@daytona-auth/accounts/email-domain')
  const { domain, problem } = readEmailDomain(text)
  if (problem !== undefined) throw badRequest(`domain: ${problem}`, [{ path: 'domain', message: problem }])
  const { organizationId } = caller.organization
  const claim = { id: newId('dom'), domain, token: newRecordValue() }
  const entry = entryOf(caller, 'domain.create', 201, claim)
  return inAudit(database, caller.authority('administer'), entry, async (tx, confirmed) => {
    await lockForOwner(tx, confirmed)
    const row = await insertDomain(tx, organizationId, claim)
    if (!row) throw conflict('domain_taken', 'The organization has this domain already')
    if ((await countDomains(tx, organizationId)) > MAX_DOMAINS) {
      throw limitReached(`${counted(MAX_DOMAINS, 'domain')} per organization`, 'delete one first')
    }
    return row
  })
}

/** Finds a domain of the caller's organization. @throws Denial 404 */
export async function getDomain(
  { database }: Pick<DomainDependencies, 'database'>,
  { organization }: CallerInOrganization,
  id: string,
): Promise<DomainRow> {
  return (await findDomain(database, organization.organizationId, id)) ?? throwNotFound()
}

/**
 * Verifies a domain of the caller's organization, if the DNS record of the claim is published.
 * @throws Denial 404, 403 and 401 as `createDomain`, 409 if the record is missing or another organization has the domain, 503
 *   if no DNS server answers
 */
export async function verifyCallerDomain(
  { database, lookUpTxt }: DomainDependencies,
  caller: CallerInOrganization,
  id: string,
): Promise<DomainRow> {
  await confirmOwner(database, caller)
  const claim = await getDomain({ database }, caller, id)
  if (!(await isPublished(lookUpTxt, claim))) {
    throw conflict('domain_record_missing', `No TXT record of ${recordNameOf(claim.domain)} has the value yet`)
  }
  const entry = entryOf(caller, 'domain.verify', 200, claim)
  return inAudit(database, caller.authority('administer'), entry, async (tx, confirmed) => {
    await lockForOwner(tx, confirmed)
    const row = await verifyDomain(tx, confirmed.organization.organizationId, claim)
    if (row === 'taken') throw conflict('domain_taken', 'Another organization has verified this domain')
    return row ?? throwNotFound()
  })
}

/** Deletes a domain of the caller's organization. @throws Denial 404, 403 and 401 as `createDomain` */
export async function removeDomain(
  { database }: Pick<DomainDependencies, 'database'>,
  caller: CallerInOrganization,
  id: string,
): Promise<void> {
  const found = await getDomain({ database }, caller, id)
  await inAudit(
    database,
    caller.authority('administer'),
    entryOf(caller, 'domain.delete', 204, found),
    async (tx, confirmed) => {
      await lockForOwner(tx, confirmed)
      return (await deleteDomain(tx, confirmed.organization.organizationId, id)) ?? throwNotFound()
    },
  )
}

/** @throws Denial 503 if no DNS server answers */
async function isPublished(lookUpTxt: LookUpTxt, { domain, token }: Pick<DomainRow, 'domain' | 'token'>) {
  const values = await lookUpTxt(recordNameOf(domain)).catch((error: unknown) => {
    throw unavailable(error, RETRY_SECONDS)
  })
  return values.includes(token)
}

const entryOf = (
  { actor, organization: { organizationId } }: CallerInOrganization,
  action: 'domain.create' | 'domain.verify' | 'domain.delete',
  statusCode: number,
  { id, domain }: Pick<DomainRow, 'id' | 'domain'>,
): AuditEntry => auditEntry(action, { ...actor, organizationId, targetId: id, statusCode, metadata: { domain } })

function throwNotFound(): never {
  throw notFound('Domain')
}
