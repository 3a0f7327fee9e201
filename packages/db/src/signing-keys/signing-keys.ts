import { and, asc, eq, inArray, lte, notInArray, type SQL, sql } from 'drizzle-orm'
import type { AuditAction } from '../audit/actions.ts'
import { SCHEDULED_TASK } from '../audit/authority.ts'
import { type AuditEntry, auditEntry, DEPLOYMENT, inAudit } from '../audit/entries.ts'
import type { Database, Queryable } from '../core/client.ts'
import { signingKeys } from '../schema/provider.ts'

export type SigningKeyRow = typeof signingKeys.$inferSelect & {
  /** How long it has had its status, by the database's clock, which decides when the next step is due. */
  readonly ageSeconds: number
}
export type NewSigningKey = Pick<SigningKeyRow, 'kid' | 'alg' | 'publicJwk' | 'privateJwk'>

/** A change of a signing key. */
export interface SigningKeyChange {
  readonly kid: string
  readonly alg: string
  readonly verb: 'publish' | 'activate' | 'retire' | 'remove' | 'reencrypt'
}

/** The time since which a key has had its status. */
const since = sql`CASE ${signingKeys.status} WHEN 'retired' THEN ${signingKeys.retiredAt}
  WHEN 'active' THEN ${signingKeys.activatedAt} ELSE ${signingKeys.createdAt} END`

/** Lists every signing key, oldest first, with encrypted private halves. */
export function listSigningKeys(db: Queryable): Promise<SigningKeyRow[]> {
  const { kid, alg, status, publicJwk, privateJwk, createdAt, activatedAt, retiredAt } = signingKeys
  return db
    .select({
      kid,
      alg,
      status,
      publicJwk,
      privateJwk,
      createdAt,
      activatedAt,
      retiredAt,
      ageSeconds: sql<number>`extract(epoch FROM clock_timestamp() - coalesce(${since}, ${createdAt}))::float8`,
    })
    .from(signingKeys)
    .orderBy(asc(createdAt), asc(kid))
}

/**
 * Inserts those of `keys` whose algorithm has no active key. If several processes start at once, the first one inserts its
 * keys and the others find them.
 */
export function addFirstSigningKeys(
  db: Database,
  keys: readonly NewSigningKey[],
  source: string,
): Promise<SigningKeyChange[]> {
  return change(db, source, async (tx) => {
    const active = new Set((await listSigningKeys(tx)).filter((key) => key.status === 'active').map((key) => key.alg))
    const missing = keys.filter((key) => !active.has(key.alg))
    await insertActive(tx, missing)
    return missing.map(changeOf('activate'))
  })
}

/**
 * Starts a rotation: publishes `keys` before anything is signed with them. Returns false, without any change, if a rotation
 * is in progress.
 */
export async function publishSigningKeys(
  db: Database,
  keys: readonly NewSigningKey[],
  source: string,
): Promise<boolean> {
  const changes = await change(db, source, async (tx) => {
    const isUnderWay = (await listSigningKeys(tx)).some((key) => key.status === 'next')
    if (isUnderWay) return []
    await tx.insert(signingKeys).values(keys.map((key) => ({ ...key, status: 'next' as const })))
    return keys.map(changeOf('publish'))
  })
  return changes.length > 0
}

export interface RotationPace {
  /** How long a key is published before it signs. */
  readonly promoteAfterSeconds: number
  /** How long a retired key is published. */
  readonly removeAfterSeconds: number
}

/** Takes the due steps of a rotation, for each algorithm. The first of several processes does it; for the others it is a no-op. */
export function advanceSigningKeys(
  db: Database,
  { promoteAfterSeconds, removeAfterSeconds }: RotationPace,
  source: string,
): Promise<SigningKeyChange[]> {
  return change(db, source, async (tx) => {
    const due = (seconds: number) => sql`clock_timestamp() - make_interval(secs => ${seconds}::float8)`
    const promoted = await tx
      .select(named)
      .from(signingKeys)
      .where(and(eq(signingKeys.status, 'next'), lte(signingKeys.createdAt, due(promoteAfterSeconds))))
    const isReplaced = and(
      eq(signingKeys.status, 'active'),
      inArray(
        signingKeys.alg,
        promoted.map(({ alg }) => alg),
      ),
    )
    const retired = await set(tx, { status: 'retired', retiredAt: sql`clock_timestamp()` }, isReplaced)
    const isPromoted = inArray(
      signingKeys.kid,
      promoted.map(({ kid }) => kid),
    )
    const activated = await set(tx, { status: 'active', activatedAt: sql`clock_timestamp()` }, isPromoted)
    const removed = await remove(
      tx,
      and(eq(signingKeys.status, 'retired'), lte(signingKeys.retiredAt, due(removeAfterSeconds))),
    )
    return [
      ...retired.map(changeOf('retire')),
      ...activated.map(changeOf('activate')),
      ...removed.map(changeOf('remove')),
    ]
  })
}

/** Activates `keys` and deletes every other key: tokens signed with those are refused. For leaked keys. */
export function replaceSigningKeys(
  db: Database,
  keys: readonly NewSigningKey[],
  source: string,
): Promise<SigningKeyChange[]> {
  return change(db, source, async (tx) => {
    await insertActive(tx, keys)
    const kids = keys.map(({ kid }) => kid)
    const removed = await remove(tx, notInArray(signingKeys.kid, kids))
    return [...keys.map(changeOf('activate')), ...removed.map(changeOf('remove'))]
  })
}

/** Replaces the encrypted private half of each key by the result of `rewrap`; `undefined` leaves a key unchanged. */
export function rewrapSigningKeys(
  db: Database,
  rewrap: (key: SigningKeyRow) => Promise<string | undefined>,
  source: string,
): Promise<SigningKeyChange[]> {
  return change(db, source, async (tx) => {
    const changes: SigningKeyChange[] = []
    for (const key of await listSigningKeys(tx)) {
      const privateJwk = await rewrap(key)
      if (privateJwk === undefined) continue
      await set(tx, { privateJwk }, eq(signingKeys.kid, key.kid))
      changes.push(changeOf('reencrypt')(key))
    }
    return changes
  })
}

const ACTIONS = {
  publish: 'signing_key.publish',
  activate: 'signing_key.activate',
  retire: 'signing_key.retire',
  remove: 'signing_key.remove',
  reencrypt: 'signing_key.reencrypt',
} as const satisfies Record<SigningKeyChange['verb'], AuditAction>

/** Changes the set of keys under an advisory lock, with audit events in the deployment's trail. */
function change(
  db: Database,
  source: string,
  work: (tx: Queryable) => Promise<SigningKeyChange[]>,
): Promise<SigningKeyChange[]> {
  const entryOf = ({ kid, alg, verb }: SigningKeyChange): AuditEntry =>
    auditEntry(ACTIONS[verb], {
      organizationId: DEPLOYMENT,
      actorId: null,
      actorEmail: null,
      source,
      targetId: kid,
      metadata: { alg },
    })
  return inAudit(
    db,
    SCHEDULED_TASK,
    (changes) => changes.map(entryOf),
    async (tx) => {
      await lock(tx)
      return work(tx)
    },
  )
}

const lock = (tx: Queryable) => tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('daytona_auth signing keys'))`)

const changeOf =
  (verb: SigningKeyChange['verb']) =>
  ({ kid, alg }: { readonly kid: string; readonly alg: string }): SigningKeyChange => ({ kid, alg, verb })

async function insertActive(tx: Queryable, keys: readonly NewSigningKey[]): Promise<void> {
  if (keys.length === 0) return
  const activatedAt = sql`clock_timestamp()`
  await tx.insert(signingKeys).values(keys.map((key) => ({ ...key, status: 'active' as const, activatedAt })))
}

const named = { kid: signingKeys.kid, alg: signingKeys.alg }

const set = (
  tx: Queryable,
  values: Parameters<ReturnType<typeof tx.update<typeof signingKeys>>['set']>[0],
  where: SQL | undefined,
) => tx.update(signingKeys).set(values).where(where).returning(named)

const remove = (tx: Queryable, where: SQL | undefined) => tx.delete(signingKeys).where(where).returning(named)
