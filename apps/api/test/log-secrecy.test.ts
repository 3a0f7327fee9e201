import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, it } from 'node:test'
import { mintKey } from '@daytona-auth/auth'
import { world } from './world.ts'

const { request, person, log, api, database } = await world({ after }, { PROVIDER_URL: 'http://127.0.0.1:1' })
const ada = await person()
const organization = await ada.organization()

it('no secret is in any log, by whatever door it came', async () => {
  const { value: token } = await ada.token()
  const secrets = [token]
  const asked = { organization }

  // Given out, used, rotated, refused, deleted.
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
    // As a credential, good or not, whole or mangled, of this scheme or of another.
    await request('GET', '/sandbox', secret)
    await request('GET', '/sandbox', `${secret}x`)
    await request('GET', '/sandbox', null, { headers: { authorization: `Basic ${btoa(`client:${secret}`)}` } })
    await request('GET', '/sandbox', null, { headers: { authorization: secret } })
    await request('GET', '/sandbox', null, { headers: { cookie: `session=${secret}`, 'x-api-key': secret } })
    // Where it does not belong: query, body, names, ids, headers.
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
    // In a path: nobody can know an opaque secret there, and no client of ours puts one into it.
    if (secret === clientSecret) continue
    await request('GET', `/api-keys/${encoded}`, token, asked)
    await request('DELETE', `/api-keys/${encoded}/${encoded}`, token, asked)
    await request('GET', `/${encoded}?${encoded}`)
    // As HTTP that is none.
    const socket = connect(api.port, '127.0.0.1')
    socket.end(`GET / HTTP/1.1\r\nAuthorization: Bearer ${secret}\r\nbad header ${secret}\r\n\r\n`)
    await once(socket.resume(), 'close')
  }
  await request('DELETE', '/api-keys/secret', token, asked)

  // A fault of ours, with the credential at hand.
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
    // Not even so much that guessing the rest were easier than guessing.
    for (let at = 0; at + 20 <= secret.length; at += 10) {
      assert.ok(!text.includes(secret.slice(at, at + 20)), `a part of ${shape} at ${at}`)
    }
  }
})
