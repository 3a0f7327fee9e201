import {
  addFirstSigningKeys,
  type Database,
  listSigningKeys,
  type NewSigningKey,
  type SigningKeyRow,
} from '@daytona-auth/db'
import { StartupError } from '@daytona-auth/service'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { KeyWrapping } from './key-wrapping.ts'

/** id_tokens are RS256 (OIDC Core §15.1 demands it of us), access tokens ES256 unless configured: one key for each. */
const ALGORITHMS = ['ES256', 'RS256'] as const

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
  if (ALGORITHMS.every((alg) => rows.some((row) => row.alg === alg && row.status === 'active'))) return rows
  // Made before the transaction: an RSA key takes a good part of a second.
  await addFirstSigningKeys(database, await makeSigningKeys(wrapping), 'provider')
  return listSigningKeys(database)
}

/** A new key for each algorithm. */
export const makeSigningKeys = (wrapping: KeyWrapping): Promise<NewSigningKey[]> =>
  Promise.all(ALGORITHMS.map((alg) => makeKey(alg, wrapping)))

async function makeKey(alg: (typeof ALGORITHMS)[number], wrapping: KeyWrapping): Promise<NewSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const common = { kid, alg, use: 'sig' }
  const privateJwk = await wrapping.wrap({ ...(await exportJWK(privateKey)), ...common })
  return { kid, alg, publicJwk: { ...publicJwk, ...common }, privateJwk }
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
