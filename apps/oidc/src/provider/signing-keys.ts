import { hkdfSync } from 'node:crypto'
import {
  addFirstSigningKeys,
  type Database,
  listSigningKeys,
  type NewSigningKey,
  type SigningKeyRow,
} from '@daytona-auth/db'
import { StartupError } from '@daytona-auth/service'
import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair, type JWK } from 'jose'

/** id_tokens are RS256 (OIDC Core §15.1 demands it of us), access tokens ES256 unless configured: one key for each. */
const ALGORITHMS = ['ES256', 'RS256'] as const

/** The keys that this process signs with and publishes. */
export interface SigningKeys {
  /** Private JWKs, the one that signs for its algorithm first. */
  readonly privateJwks: readonly JWK[]
  /** What resource servers verify with: also keys that sign no more, or not yet. */
  readonly publicJwks: readonly JWK[]
}

/**
 * The signing keys of the deployment. The first process ever to start makes them; every other finds them.
 *
 * Read once, at start. The states `next` and `retired` are for a rotation while running, which would read them anew on
 * the channel's event `signing-keys` and swap in a provider that is built from them.
 *
 * @throws StartupError when a key cannot be opened with `secret`
 */
export async function loadSigningKeys(database: Database, secret: string): Promise<SigningKeys> {
  const wrapping = wrappingKey(secret)
  let rows = await listSigningKeys(database)
  if (!hasAll(rows)) {
    // Made before the transaction: an RSA key takes a good part of a second.
    const made = await Promise.all(ALGORITHMS.map((alg) => makeKey(alg, wrapping)))
    rows = await addFirstSigningKeys(database, made)
  }
  const active = rows.filter((row) => row.status === 'active')
  const others = rows.filter((row) => row.status !== 'active')
  return {
    privateJwks: await Promise.all([...active, ...others].map((row) => openKey(row, wrapping))),
    publicJwks: rows.map((row) => row.publicJwk),
  }
}

const hasAll = (rows: readonly SigningKeyRow[]) =>
  ALGORITHMS.every((alg) => rows.some((row) => row.alg === alg && row.status === 'active'))

async function makeKey(alg: (typeof ALGORITHMS)[number], wrapping: Uint8Array): Promise<NewSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const common = { kid, alg, use: 'sig' }
  const plaintext = new TextEncoder().encode(JSON.stringify({ ...(await exportJWK(privateKey)), ...common }))
  const privateJwk = await new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(wrapping)
  return { kid, alg, publicJwk: { ...publicJwk, ...common }, privateJwk }
}

async function openKey(row: SigningKeyRow, wrapping: Uint8Array): Promise<JWK> {
  try {
    const { plaintext } = await compactDecrypt(row.privateJwk, wrapping, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    // We wrote it, and its authentication tag says that nobody else did.
    return JSON.parse(new TextDecoder().decode(plaintext)) as JWK
  } catch (cause) {
    throw new StartupError(
      `signing key ${row.kid} cannot be opened: SIGNING_KEYS_SECRET is not the one it was made with`,
      {
        cause,
      },
    )
  }
}

const wrappingKey = (secret: string) => new Uint8Array(hkdfSync('sha256', secret, '', 'daytona-auth signing keys', 32))
