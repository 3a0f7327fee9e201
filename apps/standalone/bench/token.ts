import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

/** Issues an access token with a lifetime of an hour. */
export type Issue = () => string

export interface TokenSubject {
  readonly issuer: string
  readonly userId: string
  readonly clientId: string
  readonly grantId: string
}

/** Creates a key pair, and a function that signs access tokens with it as the provider does. */
export function createSigner({ issuer, userId, clientId, grantId }: TokenSubject) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = randomUUID()
  const issue: Issue = () => {
    const iat = Math.floor(Date.now() / 1000)
    const claims = {
      iss: issuer,
      aud: issuer,
      sub: userId,
      client_id: clientId,
      gid: grantId,
      jti: randomUUID(),
      scope: 'openid',
      iat,
      exp: iat + 3600,
    }
    const signed = `${encode({ alg: 'ES256', typ: 'at+jwt', kid })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${signed}.${signature.toString('base64url')}`
  }
  return { kid, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }, issue }
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
