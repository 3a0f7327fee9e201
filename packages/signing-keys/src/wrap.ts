import type { JWK } from 'jose'
import { createJsonEncryption } from './encrypt-json.ts'

/** Encrypts private keys for storage, under a secret that only the provider has. */
export interface KeyWrapping {
  wrap(jwk: JWK): Promise<string>
  /** Returns the key and whether the first secret encrypted it; `undefined` if no secret decrypts it. */
  open(wrapped: string): Promise<{ readonly jwk: JWK; readonly isCurrent: boolean } | undefined>
}

/** Makes a wrapping in which the first secret encrypts and each decrypts, so that a secret can be replaced. */
export function keyWrapping(secrets: readonly [string, ...string[]]): KeyWrapping {
  const encryption = createJsonEncryption<JWK>(secrets, 'daytona-auth signing keys')
  return {
    wrap: (jwk) => encryption.encrypt(jwk),
    async open(wrapped) {
      const opened = await encryption.decrypt(wrapped)
      return opened && { jwk: opened.value, isCurrent: opened.isCurrent }
    },
  }
}
