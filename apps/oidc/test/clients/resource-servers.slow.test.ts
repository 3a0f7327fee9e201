import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { JwtVerifier } from 'aws-jwt-verify'
import { createVerifier, type DecodedJwt, type KeyFetcher } from 'fast-jwt'
import { createLocalJWKSet, exportSPKI } from 'jose'
import { browser, jwks, redeem, testProvider } from '../fixture.ts'
import { startForeignApp } from './foreign-app.ts'

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()
const client = await provider.client(person)
const { body } = await redeem(provider, client, await browser(provider, person).authorize(client))
const token = body['access_token'] ?? ''
const damaged = token.replace(/\.[^.]*\./, (payload) => payload.replace(/.{4}\.$/, 'AAAA.'))
const guarded = await startForeignApp({ after }, provider, person, {
  program: 'express-oauth2-jwt-bearer.mjs',
  callback: '/',
})
const published = { keys: await jwks(provider) }

const PYTHON = `
import sys, jwt
token, issuer, jwks = sys.argv[1:]
key = jwt.PyJWKClient(jwks).get_signing_key_from_jwt(token).key
print(jwt.decode(token, key, algorithms=["ES256", "RS256"], audience=issuer, issuer=issuer)["sub"])
`

/** Verifies a token and returns its subject, as the documentation of each library shows. */
const LIBRARIES: Record<string, (token: string) => Promise<unknown>> = {
  async 'aws-jwt-verify'(given) {
    const verifier = JwtVerifier.create({ issuer, audience: issuer, jwksUri: `${issuer}/.well-known/jwks.json` })
    verifier.cacheJwks(published as never) // it reads them over https only
    return (await verifier.verify(given)).sub
  },
  async 'fast-jwt'(given) {
    const keys = createLocalJWKSet(published as never)
    const key: KeyFetcher = async ({ header }: DecodedJwt) => exportSPKI(await keys({ alg: '', ...header }))
    const verify = createVerifier({
      key,
      allowedIss: issuer,
      allowedAud: issuer,
    })
    return ((await verify(given)) as { sub: string }).sub
  },
  async 'express-oauth2-jwt-bearer'(given) {
    const answer = await fetch(guarded.origin, { headers: { authorization: `Bearer ${given}` } })
    if (answer.status !== 200) throw new Error(String(answer.status))
    return answer.json()
  },
  async PyJWT(given) {
    const args = ['-c', PYTHON, given, issuer, `${issuer}/.well-known/jwks.json`]
    return (await promisify(execFile)('/usr/bin/python3', args)).stdout.trim()
  },
}

describe('a resource server with a foreign library', () => {
  for (const [name, verify] of Object.entries(LIBRARIES)) {
    it(`verifies our access tokens by the published keys: ${name}`, async () => {
      assert.equal(await verify(token), person.userId)
      await assert.rejects(verify(damaged))
    })
  }
})
