import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, type JWK } from 'jose'

/** Encrypts private keys for storage, under a secret that only the provider has. */
export interface KeyWrapping {
  wrap(jwk: JWK): Promise<string>
  /** Returns the key and whether the first secret encrypted it; `undefined` if no secret decrypts it. */
  open(wrapped: string): Promise<{ readonly jwk: JWK; readonly isCurrent: boolean } | undefined>
}

/** Makes a wrapping in which the first secret encrypts and each decrypts, so that a secret can be replaced. */
export function keyWrapping(secrets: readonly [string, ...string[]]): KeyWrapping {
  const current = wrappingKey(secrets[0])
  const keys = [current, ...secrets.slice(1).map(wrappingKey)]
  return {
    wrap: (jwk) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(jwk)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(current),
    async open(wrapped) {
      for (const key of keys) {
        const jwk = await openWith(key, wrapped)
        if (jwk) return { jwk, isCurrent: key === current }
      }
      return undefined
    },
  }
}

async function openWith(key: Uint8Array, wrapped: string): Promise<JWK | undefined> {
  try {
    const { plaintext } = await compactDecrypt(wrapped, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    // The cast is safe: the authentication tag proves that the provider wrote it.
    return JSON.parse(new TextDecoder().decode(plaintext)) as JWK
  } catch {
    return undefined // encrypted with another secret
  }
}

const wrappingKey = (secret: string) => new Uint8Array(hkdfSync('sha256', secret, '', 'daytona-auth signing keys', 32))
