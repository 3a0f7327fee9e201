import type { Database } from '@daytona-auth/db/core'
import { addFirstSigningKeys, listSigningKeys, type SigningKeyRow } from '@daytona-auth/db/signing-keys'
import { StartupError } from '@daytona-auth/service'
import { makeSigningKeys, SIGNING_ALGORITHMS } from '@daytona-auth/signing-keys/create'
import type { KeyWrapping } from '@daytona-auth/signing-keys/wrap'
import type { JWK } from 'jose'

/** The keys that a provider signs with and publishes. */
export interface SigningKeys {
  /** Private JWKs that sign, one for each algorithm. */
  readonly privateJwks: readonly JWK[]
  /** The keys that resource servers verify with, including keys that do not sign yet or any more. */
  readonly publicJwks: readonly JWK[]
}

export interface OpenedKeys extends SigningKeys {
  /** The ids of current and next signing keys that none of our secrets opens. */
  readonly unopened: readonly string[]
  /** Private JWKs by id. They stay open even if `SIGNING_KEYS_SECRET` is replaced. */
  readonly opened: ReadonlyMap<string, JWK>
}

/**
 * Returns every key of the deployment. Creates missing signing keys: at the first start, and after a manual deletion.
 * One process does so for all.
 */
export async function ensureSigningKeys(database: Database, wrapping: KeyWrapping): Promise<SigningKeyRow[]> {
  const rows = await listSigningKeys(database)
  if (SIGNING_ALGORITHMS.every((alg) => rows.some((row) => row.alg === alg && row.status === 'active'))) return rows
  // Generated before the transaction, because generation is slow.
  await addFirstSigningKeys(database, await makeSigningKeys(wrapping), 'provider')
  return listSigningKeys(database)
}

/**
 * Opens the current signing keys and the next ones, so that a wrong secret shows before a rotation. If a key cannot be
 * opened, the key that signed `before` continues while it is published.
 * @throws StartupError if there is none
 */
export async function openSigningKeys(
  rows: readonly SigningKeyRow[],
  wrapping: KeyWrapping,
  before?: OpenedKeys,
): Promise<OpenedKeys> {
  const opened = new Map<string, JWK>()
  const unopened: string[] = []
  for (const { kid, status, privateJwk } of rows) {
    if (status === 'retired') continue
    const jwk = before?.opened.get(kid) ?? (await wrapping.open(privateJwk))?.jwk
    if (jwk) opened.set(kid, jwk)
    else unopened.push(kid)
  }
  const published = new Set(rows.map(({ kid }) => kid))
  const privateJwks = rows.flatMap(({ kid, alg, status }) => {
    if (status !== 'active') return []
    const jwk = opened.get(kid) ?? before?.privateJwks.find((old) => old.alg === alg && published.has(old.kid ?? ''))
    if (jwk) return jwk
    throw new StartupError(`signing key ${kid} cannot be opened: SIGNING_KEYS_SECRET is not the one it was made with`)
  })
  return { privateJwks, publicJwks: rows.map((row) => row.publicJwk), unopened, opened }
}
