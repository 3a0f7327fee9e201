import { hkdfSync } from 'node:crypto'
import type { RegistryId } from '@daytona-auth/db/core'
import { CompactEncrypt, calculateJwkThumbprint } from 'jose'

/** Encrypts the password of one registry for storage in the database. */
export type SealPassword = (password: string, registryId: RegistryId) => Promise<string>

/**
 * Creates a sealer with a key derived from `secret`, which the database never contains: neither reveals a password
 * without the other. The platform decrypts passwords with the same secret.
 *
 * The form is a compact JWE (RFC 7516), `dir` with A256GCM under HKDF-SHA256(`secret`, info `daytona-auth registry
 * passwords`). Its header names the registry (`sub`), so that a password moved to another row is detected. It names the
 * key by its thumbprint (`kid`, RFC 7638), so that a reader with several secrets finds the right one.
 */
export function passwordSealer(secret: string): SealPassword {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'daytona-auth registry passwords', 32))
  const kid = calculateJwkThumbprint({ kty: 'oct', k: Buffer.from(key).toString('base64url') })
  return async (password, registryId) =>
    new CompactEncrypt(new TextEncoder().encode(password))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: await kid, sub: registryId })
      .encrypt(key)
}
