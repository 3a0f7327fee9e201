import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'

/** Encrypts values for storage, under secrets that only the provider has. */
export interface JsonEncryption<Value> {
  encrypt(value: Value): Promise<string>
  /** Returns the value and whether the first secret encrypted it; `undefined` if no secret decrypts it. */
  decrypt(encrypted: string): Promise<{ readonly value: Value; readonly isCurrent: boolean } | undefined>
}

/**
 * Makes an encryption in which the first secret encrypts and each decrypts, so that a secret can be replaced. Each purpose
 * has its own keys: a value that was encrypted for one is not decrypted for another.
 */
export function createJsonEncryption<Value>(
  secrets: readonly [string, ...string[]],
  purpose: string,
): JsonEncryption<Value> {
  const keyOf = (secret: string) => new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32))
  const current = keyOf(secrets[0])
  const keys = [current, ...secrets.slice(1).map(keyOf)]
  return {
    encrypt: (value) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(current),
    async decrypt(encrypted) {
      for (const key of keys) {
        const plaintext = await decryptWith(key, encrypted)
        // The cast is safe: the authentication tag proves that the provider wrote it.
        if (plaintext !== undefined) return { value: JSON.parse(plaintext) as Value, isCurrent: key === current }
      }
      return undefined
    },
  }
}

async function decryptWith(key: Uint8Array, encrypted: string): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(encrypted, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return new TextDecoder().decode(plaintext)
  } catch {
    return undefined // encrypted with another secret
  }
}
