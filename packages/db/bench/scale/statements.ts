import { createHash } from 'node:crypto'
import {
  type ApiKeyOrder,
  countApiKeys,
  expireApiKeys,
  findLastUse,
  hasMoreApiKeysThan,
  listApiKeys,
  listUsage,
  listUsageTotals,
  searchApiKeys,
} from '@daytona-auth/db/api-keys'
import {
  type AuditedTx,
  type AuditFilter,
  countAuditEvents,
  listAccountEvents,
  listAuditEvents,
  listEventsAfter,
} from '@daytona-auth/db/audit'
import type { ApiKeyId, Database, OrganizationId, UserId } from '@daytona-auth/db/core'
import {
  sweepArtifacts,
  sweepBackchannelLogouts,
  sweepConsumedRefreshTokens,
  sweepGrants,
} from '@daytona-auth/db/grants'
import {
  deleteEndedApiKeys,
  deleteEndedInvitations,
  deleteExpiredEmailVerifications,
  deleteExpiredMailedTokens,
  deleteExpiredTrustedBrowsers,
  deleteOldUsage,
  deleteSupersededSecrets,
  rollUpUsage,
} from '@daytona-auth/db/operations'
import { listMembers, listQuotas } from '@daytona-auth/db/organizations'
import { findApiKeyFacts } from '@daytona-auth/db/principals'
import { listAuthorizedApps, listSessions, listUsers } from '@daytona-auth/db/users'
import type { Sql } from 'postgres'

type Run = (db: Database) => Promise<unknown>
/** A database in a transaction that is rolled back. Functions for audited transactions need the type. */
type Rolled = Database & AuditedTx
type Statements = Readonly<Record<string, Run>>

const DAY_MS = 24 * 60 * 60 * 1000
const org = (number: number) => `org_${String(number).padStart(26, '0')}` as OrganizationId
const person = (number: number) => `usr_${String(number).padStart(26, '0')}` as UserId
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS)

/** The largest organization, and one with about as many rows as the median. */
const LARGEST = org(0)
const MEDIAN = org(1000)

/** Finds a key of the largest organization with usage. */
export async function findBusyKey(sql: Sql): Promise<{ id: ApiKeyId; userId: UserId }> {
  const [key] = await sql<{ id: ApiKeyId; userId: UserId }[]>`
    SELECT key.id, key.user_id AS "userId" FROM api_key_usage JOIN api_keys key ON key.id = key_id
    WHERE api_key_usage.organization_id = ${LARGEST} LIMIT 1`
  if (!key) throw new Error('no key of the largest organization was used')
  return key
}

/** The reading statements of requests. `key` is a used key of the largest organization. */
export function readingStatements(
  { keys, eventsAMonth }: { readonly keys: number; readonly eventsAMonth: number },
  key: { id: ApiKeyId; userId: UserId },
): Statements {
  const digest = (number: number) => createHash('sha256').update(`secret ${number}`).digest()
  const month = { from: daysAgo(30), to: new Date() }
  const newest: ApiKeyOrder = { by: 'createdAt', direction: 'desc' }
  const search =
    (
      organization: OrganizationId,
      order: ApiKeyOrder,
      status: 'active' | 'all' | 'expiring' | 'unused' | 'revoked' = 'active',
    ): Run =>
    (db) =>
      searchApiKeys(db, organization, { status }, order, { limit: 50 })
  const events =
    (filter: AuditFilter, organization = LARGEST): Run =>
    (db) =>
      listAuditEvents(db, organization, filter, { limit: 100 })
  return {
    'verify a key that is not cached': (db) => findApiKeyFacts(db.$client, [digest(Math.floor(keys / 2))]),
    'verify 100 keys that are not cached': (db) =>
      findApiKeyFacts(
        db.$client,
        Array.from({ length: 100 }, (_, index) => digest(Math.floor((index * keys) / 100))),
      ),
    'keys, newest': search(LARGEST, newest),
    'keys of a median organization': search(MEDIAN, newest),
    'keys by name': search(LARGEST, { by: 'name', direction: 'asc' }),
    'keys by expiry': search(LARGEST, { by: 'expiresAt', direction: 'asc' }),
    'keys by last use': search(LARGEST, { by: 'lastUsedAt', direction: 'desc' }),
    'keys, with ended ones': search(LARGEST, newest, 'all'),
    'keys that expire soon': search(LARGEST, newest, 'expiring'),
    'keys that are unused': search(LARGEST, newest, 'unused'),
    'revoked keys': search(LARGEST, newest, 'revoked'),
    'revoked keys of a median organization': search(MEDIAN, newest, 'revoked'),
    'keys of one owner': (db) =>
      searchApiKeys(db, LARGEST, { status: 'active', userId: key.userId }, newest, { limit: 50 }),
    'keys with a word in the name': (db) =>
      searchApiKeys(db, LARGEST, { status: 'active', words: [{ text: 'a1', permissions: [] }] }, newest, { limit: 50 }),
    'keys with a word that none has': (db) =>
      searchApiKeys(db, LARGEST, { status: 'active', words: [{ text: 'zzzz', permissions: [] }] }, newest, {
        limit: 50,
      }),
    'numbers of keys': (db) => countApiKeys(db, LARGEST, {}, 1000),
    'keys, as an array': (db) => listApiKeys(db, LARGEST, { status: 'active' }, { limit: 1000 }),
    'limit of keys of an owner': (db) => hasMoreApiKeysThan(db as Rolled, key.userId, [LARGEST], 1000),
    'usage of a key, by hour': (db) => listUsage(db, LARGEST, key.id, 'hour', month),
    'usage of a key, by day': (db) => listUsage(db, LARGEST, key.id, 'day', { from: daysAgo(365), to: new Date() }),
    'usage of the largest organization': (db) => listUsageTotals(db, LARGEST, month, {}, { limit: 50 }),
    'usage of a median organization': (db) => listUsageTotals(db, MEDIAN, month, {}, { limit: 50 }),
    'last use of a key': (db) => findLastUse(db, LARGEST, key.id),
    'quotas of the largest organization': (db) => listQuotas(db, LARGEST),
    'members of the largest organization': (db) => listMembers(db, LARGEST, { limit: 100 }),
    'events, newest': events({}),
    'events of a median organization': events({}, MEDIAN),
    'events of half a year ago': events({ createdAt: { gte: daysAgo(200), lte: daysAgo(170) } }),
    'events of an active person': events({ actorId: { eq: person(0) } }),
    'events of an inactive person': events({ actorId: { eq: person(19_900) } }),
    'events of an unknown person': events({ actorId: { eq: person(99_999) } }),
    'events of an address': events({ actorEmail: { eq: 'person-9000@example.test' } }),
    'events of a key': events({ actorApiKeyPrefix: { eq: 'dta_03e8' }, actorApiKeySuffix: { eq: '03e8' } }),
    'events of an action': events({ action: { eq: 'sandbox.create' } }),
    'events without an action': events({ action: { not: 'sandbox.create' } }),
    'events of a target': events({ targetId: { eq: 'sandbox_0000000000000000012345' } }),
    'events of a target type': events({ targetType: { eq: 'volume' } }),
    'denied events': events({ statusCode: { eq: 403 } }),
    'failed events': events({ statusCode: { gte: 400 } }),
    'denied events of an action': events({ action: { eq: 'sandbox.delete' }, statusCode: { eq: 403 } }),
    'denied events of an inactive person': events({ actorId: { eq: person(19_900) }, statusCode: { eq: 403 } }),
    'number of denied events': (db) => countAuditEvents(db, LARGEST, { statusCode: { eq: 403 } }, 10_000),
    'number of all events': (db) => countAuditEvents(db, LARGEST, {}, 10_000),
    'events after a number': (db) => listEventsAfter(db, LARGEST, 999 * eventsAMonth, { limit: 100 }),
    'history of an active person': (db) => listAccountEvents(db, person(0), { limit: 50 }),
    'history of an inactive person': (db) => listAccountEvents(db, person(19_900), { limit: 50 }),
    'sessions of a person': (db) => listSessions(db, person(77), null, { limit: 50 }),
    'apps of a person': (db) => listAuthorizedApps(db, person(77), { limit: 50 }),
    'accounts, found by a part': (db) => listUsers(db, { text: 'person-777' }, { limit: 50 }),
  }
}

/** The sweepers and retention, each with the limit with which the servers call it. */
export const SWEEPING_STATEMENTS: Statements = {
  'mark expired keys': (db) => expireApiKeys(db as Rolled, 500),
  'sweep expired artifacts': (db) => sweepArtifacts(db, 5000),
  'sweep consumed refresh tokens': (db) => sweepConsumedRefreshTokens(db, 14 * DAY_MS, 5000),
  'sweep grants': (db) => sweepGrants(db, 5000),
  'sweep logouts': (db) => sweepBackchannelLogouts(db, 5000),
  'delete e-mail verifications': (db) => deleteExpiredEmailVerifications(db, 5000),
  'delete mailed tokens': (db) => deleteExpiredMailedTokens(db, 5000),
  'delete trusted browsers': (db) => deleteExpiredTrustedBrowsers(db, 5000),
  'roll up usage': (db) => rollUpUsage(db, 88 * DAY_MS, 20_000),
  'delete old usage': (db) => deleteOldUsage(db, 700 * DAY_MS, 20_000),
  'delete superseded secrets': (db) => deleteSupersededSecrets(db, 500),
  'delete ended keys': (db) => deleteEndedApiKeys(db, 600 * DAY_MS, 500),
  'delete ended invitations': (db) => deleteEndedInvitations(db, 500),
}
