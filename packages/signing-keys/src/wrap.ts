import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, type JWK } from 'jose'

/** How private keys are kept where others might look: encrypted under a secret that only the provider has. */
export interface KeyWrapping {
  wrap(jwk: JWK): Promise<string>
  /** The key, and whether it was wrapped with the secret of the moment; `undefined` where none of ours opens it. */
  open(wrapped: string): Promise<{ readonly jwk: JWK; readonly isCurrent: boolean } | undefined>
}

/** The first of `secrets` wraps, each opens, so that one can be replaced by the next. */
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
    // We wrote it, and its authentication tag says that nobody else did.
    return JSON.parse(new TextDecoder().decode(plaintext)) as JWK
  } catch {
    return undefined // not with this secret, which is all that there is to say
  }
}

const wrappingKey = (secret: string) => new Uint8Array(hkdfSync('sha256', secret, '', 'daytona-auth signing keys', 32))
