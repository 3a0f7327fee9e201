import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { proofSigner } from '@daytona-auth/testing/proof-signer'
import { ISSUER, UNAUTHORIZED_TOKEN, world } from './world.ts'

const { person, request, api } = await world({ after })
const ada = await person('Ada Lovelace')
const key = await proofSigner()
const { value: token } = await ada.token(undefined, undefined, { cnf: { jkt: key.thumbprint } })

/** Sends a request to the API with the token after `DPoP` and a proof of `proven`. */
async function send(method: string, path: string, proven = path, init: RequestInit = {}) {
  const dpop = await key.proof(method, ISSUER + proven, token)
  const headers = { authorization: `DPoP ${token}`, dpop, ...init.headers }
  return fetch(api.url + path, { ...init, method, headers })
}

describe('a token that is bound to a key', () => {
  it('is refused as a bearer token', async () => {
    const { status, body } = await request('GET', '/users/me', token)
    assert.deepEqual([status, body], [401, UNAUTHORIZED_TOKEN])
  })

  it('is accepted with a proof of the request at its public URL', async () => {
    assert.equal((await send('GET', '/users/me')).status, 200)
    assert.equal((await send('GET', '/users/me?x=1', '/users/me')).status, 200, 'a proof is without the query')
    assert.equal((await send('GET', '/users/me', '/organizations')).status, 401)
  })

  it('is accepted under the prefix of stock clients, with a proof of that URL', async () => {
    assert.equal((await send('GET', '/api/users/me')).status, 200)
    assert.equal((await send('GET', '/api/users/me', '/users/me')).status, 401)
  })

  it('writes, and is checked again after the body was read', async () => {
    const init = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'Bound' }) }
    assert.equal((await send('POST', '/organizations', undefined, init)).status, 201)
  })

  it('is refused by forward authentication, since the proof is of another URL', async () => {
    assert.equal((await send('GET', '/auth/verify', '/service')).status, 401)
    const forwarded = { headers: { 'x-forwarded-uri': '/service', 'x-forwarded-method': 'GET' } }
    assert.equal((await send('GET', '/auth/verify', '/service', forwarded)).status, 401)
  })

  it('may be sent by a script of another origin', async () => {
    const headers = { origin: 'https://app.example', 'access-control-request-headers': 'authorization,dpop' }
    const preflight = await fetch(`${api.url}/users/me`, {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'GET' },
    })
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /\bDPoP\b/i)
  })
})
