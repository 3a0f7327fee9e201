import { addFirstSigningKeys, type Database, listSigningKeys, type SigningKeyRow } from '@daytona-auth/db'
import { StartupError } from '@daytona-auth/service'
import { makeSigningKeys, SIGNING_ALGORITHMS } from '@daytona-auth/signing-keys/create'
import type { KeyWrapping } from '@daytona-auth/signing-keys/wrap'
import type { JWK } from 'jose'

/** The keys that a provider signs with and publishes. */
export interface SigningKeys {
  /** Private JWKs that sign, one for each algorithm. */
  readonly privateJwks: readonly JWK[]
  /** What resource servers verify with: also keys that sign no more, or not yet. */
  readonly publicJwks: readonly JWK[]
}

export interface OpenedKeys extends SigningKeys {
  /** The ids of keys that sign, or will, and cannot be opened with any of our secrets. */
  readonly unopened: readonly string[]
  /** Private JWKs by their id: what was opened stays open, should the secret in use become another. */
  readonly opened: ReadonlyMap<string, JWK>
}

/**
 * Every key of the deployment. Made here where one is missing that signs: at the first start, by whichever process is the
 * first, and where somebody has deleted one.
 */
export async function ensureSigningKeys(database: Database, wrapping: KeyWrapping): Promise<SigningKeyRow[]> {
  const rows = await listSigningKeys(database)
  if (SIGNING_ALGORITHMS.every((alg) => rows.some((row) => row.alg === alg && row.status === 'active'))) return rows
  // Made before the transaction, since it takes a while.
  await addFirstSigningKeys(database, await makeSigningKeys(wrapping), 'provider')
  return listSigningKeys(database)
}

/**
 * Opens the keys that sign, and those that will: better to know now than when they do. Where a key cannot be opened, the
 * one that signed `before` goes on for as long as it is published.
 * @throws StartupError where there is none
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
