import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt } from 'jose'

/** Encrypts secrets of one kind for storage in the database, each for the row that has it. */
export interface SealedSecrets {
  /** `owner` is the id of the row. */
  seal(secret: string, owner: string): Promise<string>
  /** Returns the secret, and whether the first key encrypted it; `undefined` if no key decrypts it, or for another row. */
  open(sealed: string, owner: string): Promise<{ readonly secret: string; readonly isCurrent: boolean } | undefined>
}

/**
 * Creates the encryption with keys derived from `secrets`, which the database never contains: neither reveals anything
 * without the other. The first secret encrypts and each decrypts. `purpose` keeps the keys of different kinds apart.
 *
 * The form is a compact JWE (RFC 7516), `dir` with A256GCM under HKDF-SHA256(secret, info `purpose`). Its header names the row
 * (`sub`), so that a secret moved to another row is detected. It names the key by its thumbprint (`kid`, RFC 7638), so that a
 * reader with several secrets finds the right one.
 */
export function sealedSecrets(secrets: readonly [string, ...string[]], purpose: string): SealedSecrets {
  const [current, ...others] = secrets
  const first = derivedKey(current, purpose)
  const keys = [first, ...others.map((secret) => derivedKey(secret, purpose))]
  return {
    async seal(secret, owner) {
      const { key, kid } = await first
      return new CompactEncrypt(new TextEncoder().encode(secret))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, sub: owner })
        .encrypt(key)
    },
    async open(sealed, owner) {
      for (const [index, { key }] of (await Promise.all(keys)).entries()) {
        const opened = await compactDecrypt(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        }).catch(() => undefined) // encrypted with another secret
        if (opened === undefined) continue
        if (opened.protectedHeader['sub'] !== owner) return undefined
        return { secret: new TextDecoder().decode(opened.plaintext), isCurrent: index === 0 }
      }
      return undefined
    },
  }
}

async function derivedKey(secret: string, purpose: string) {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32))
  return { key, kid: await calculateJwkThumbprint({ kty: 'oct', k: Buffer.from(key).toString('base64url') }) }
}
