import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { world } from './world.ts'

const { request, person, log, api, database } = await world({ after }, { PROVIDER_URL: 'http://127.0.0.1:1' })
const ada = await person()
const organization = await ada.organization()

it('no log contains a secret, from any source', async () => {
  const { value: token } = await ada.token()
  const secrets = [token]
  const asked = { organization }

  // Issued, used, rotated, refused, deleted.
  const made = await request('POST', '/api-keys', token, {
    ...asked,
    body: { name: 'secret', permissions: ['admin:organization'] },
  })
  const { value: key } = made.body as { value: string }
  const rotated = await request('POST', '/api-keys/secret/rotate', token, asked)
  const { value: next } = rotated.body as { value: string }
  const app = await request('POST', '/oauth-apps', next, {
    body: { name: 'app', type: 'web', redirectUris: ['https://a.test/cb'], scopes: ['openid'] },
  })
  const { clientSecret } = app.body as { clientSecret: string }
  secrets.push(key, next, clientSecret, mintKey().key, mintKey().key)

  for (const secret of secrets) {
    const encoded = encodeURIComponent(secret)
    // As a valid or invalid, complete or damaged credential, of this or another scheme.
    await request('GET', '/sandbox', secret)
    await request('GET', '/sandbox', `${secret}x`)
    await request('GET', '/sandbox', null, { headers: { authorization: `Basic ${btoa(`client:${secret}`)}` } })
    await request('GET', '/sandbox', null, { headers: { authorization: secret } })
    await request('GET', '/sandbox', null, { headers: { cookie: `session=${secret}`, 'x-api-key': secret } })
    // In wrong places: query, body, names, ids, headers.
    for (const name of ['access_token', 'api_key', 'code', 'token', 'q', 'cursor']) {
      await request('GET', `/sandbox?${name}=${encoded}`, next)
      await request('GET', `/oauth/token?${name}=${encoded}`)
      await request('POST', '/oauth/token', null, {
        body: `${name}=${encoded}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
      await request('POST', '/sandbox', next, { body: { [name]: secret } })
    }
    await request('POST', '/sandbox', next, { body: `{"a": "${secret}` })
    await request('POST', '/sandbox', next, { body: { snapshot: `${secret}\0` } })
    await request('GET', '/sandbox', next, { organization: secret })
    // In a path: an opaque secret cannot be recognized there, and no client of ours puts one into it.
    if (secret === clientSecret) continue
    await request('GET', `/api-keys/${encoded}`, token, asked)
    await request('DELETE', `/api-keys/${encoded}/${encoded}`, token, asked)
    await request('GET', `/${encoded}?${encoded}`)
    // As malformed HTTP.
    const socket = connect(api.port, '127.0.0.1')
    socket.end(`GET / HTTP/1.1\r\nAuthorization: Bearer ${secret}\r\nbad header ${secret}\r\n\r\n`)
    await once(socket.resume(), 'close')
  }
  await request('DELETE', '/api-keys/secret', token, asked)

  // An internal error of a request with the credential.
  await database.$client`ALTER TABLE sandboxes RENAME TO elsewhere`
  assert.equal((await request('GET', '/sandbox', token, asked)).status, 500)
  await database.$client`ALTER TABLE elsewhere RENAME TO sandboxes`

  const text = log.text()
  assert.ok(text.includes('request failed') && text.includes('request refused'))
  for (const secret of secrets) {
    const shape = `${secret.slice(0, 8)}…`
    assert.ok(!text.includes(secret), `the whole of ${shape}`)
    assert.ok(!text.includes(encodeURIComponent(secret)), `encoded, ${shape}`)
    assert.ok(!text.includes(btoa(`client:${secret}`)), `in base64, ${shape}`)
    // No part that makes the rest easier to guess.
    for (let at = 0; at + 20 <= secret.length; at += 10) {
      assert.ok(!text.includes(secret.slice(at, at + 20)), `a part of ${shape} at ${at}`)
    }
  }
})
