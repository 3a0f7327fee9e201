import { hkdfSync } from 'node:crypto'
import type { RegistryId } from '@daytona-auth/db/core'
import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt } from 'jose'

/** Encrypts passwords of registries for storage in the database. */
export interface RegistryPasswords {
  seal(password: string, registryId: RegistryId): Promise<string>
  /**
   * Returns the password, and whether the first secret encrypted it; `undefined` if no secret decrypts it, or if it is another
   * registry's.
   */
  open(
    sealed: string,
    registryId: RegistryId,
  ): Promise<{ readonly password: string; readonly isCurrent: boolean } | undefined>
}

/**
 * Creates the encryption with keys derived from secrets, which the database never contains: neither reveals a password
 * without the other. The first secret encrypts and each decrypts. The platform decrypts passwords with the same secrets.
 *
 * The form is a compact JWE (RFC 7516), `dir` with A256GCM under HKDF-SHA256(secret, info `daytona-auth registry passwords`).
 * Its header names the registry (`sub`), so that a password moved to another row is detected. It names the key by its
 * thumbprint (`kid`, RFC 7638), so that a reader with several secrets finds the right one.
 */
export function registryPasswords(secrets: readonly [string, ...string[]]): RegistryPasswords {
  const [current, ...others] = secrets
  const first = derivedKey(current)
  const keys = [first, ...others.map(derivedKey)]
  return {
    async seal(password, registryId) {
      const { key, kid } = await first
      return new CompactEncrypt(new TextEncoder().encode(password))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, sub: registryId })
        .encrypt(key)
    },
    async open(sealed, registryId) {
      for (const [index, { key }] of (await Promise.all(keys)).entries()) {
        const opened = await compactDecrypt(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        }).catch(() => undefined) // encrypted with another secret
        if (opened === undefined) continue
        if (opened.protectedHeader['sub'] !== registryId) return undefined
        return { password: new TextDecoder().decode(opened.plaintext), isCurrent: index === 0 }
      }
      return undefined
    },
  }
}

async function derivedKey(secret: string) {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'daytona-auth registry passwords', 32))
  return { key, kid: await calculateJwkThumbprint({ kty: 'oct', k: Buffer.from(key).toString('base64url') }) }
}
