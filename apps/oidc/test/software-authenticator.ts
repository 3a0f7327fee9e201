import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** The options in the page of a passkey, as the browser reads them. */
interface Options {
  readonly challenge: string
  readonly rpId?: string
  readonly rp?: { readonly id: string }
  readonly user?: { readonly id: string }
}

export interface ResponseSettings {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly challenge?: string
  readonly counter?: number
  readonly userHandle?: string | undefined
  /** Whether the authenticator verified its user. */
  readonly isVerified?: boolean
}

/** An authenticator with one credential, which can also answer what a real one would not (WebAuthn §6). */
export interface SoftwareAuthenticator {
  readonly id: string
  /** Creates the credential for the options of a page. */
  create(options: string, settings?: ResponseSettings): string
  /** Signs the challenge of the options of a page. */
  get(options: string, settings?: ResponseSettings): string
}

const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
const ATTESTED = 0x40

export function softwareAuthenticator(defaultOrigin: string): SoftwareAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentialId = randomBytes(32)
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  // CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053 §7.1.1).
  const coseKey = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ])
  let handle: string | undefined

  function authenticatorData(options: Options, { rpId, counter = 0, isVerified = true }: ResponseSettings, flags = 0) {
    const relyingParty = rpId ?? options.rpId ?? options.rp?.id ?? ''
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    const all = flags | USER_PRESENT | (isVerified ? USER_VERIFIED : 0)
    return Buffer.concat([createHash('sha256').update(relyingParty).digest(), Buffer.from([all]), count])
  }

  const clientData = (options: Options, { origin = defaultOrigin, type, challenge }: ResponseSettings, usual: string) =>
    Buffer.from(JSON.stringify({ type: type ?? usual, challenge: challenge ?? options.challenge, origin }))

  const responseOf = (response: Record<string, string | undefined>) =>
    JSON.stringify({
      id: credentialId.toString('base64url'),
      rawId: credentialId.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response,
    })

  return {
    id: credentialId.toString('base64url'),
    create(text, settings = {}) {
      const options = JSON.parse(text) as Options
      handle = options.user?.id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(credentialId.length)
      const data = Buffer.concat([
        authenticatorData(options, settings, ATTESTED),
        Buffer.alloc(16),
        length,
        credentialId,
        coseKey,
      ])
      // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}.
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex'),
        Buffer.from([data.length]),
        data,
      ])
      return responseOf({
        clientDataJSON: clientData(options, settings, 'webauthn.create').toString('base64url'),
        attestationObject: attestation.toString('base64url'),
      })
    },
    get(text, settings = {}) {
      const options = JSON.parse(text) as Options
      const data = authenticatorData(options, settings)
      const client = clientData(options, settings, 'webauthn.get')
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      return responseOf({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
        userHandle: 'userHandle' in settings ? settings.userHandle : handle,
      })
    },
  }
}
