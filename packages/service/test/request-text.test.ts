import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import * as z from 'zod'
import { boundedText } from '../src/http/bounded.ts'
import { acceptForms } from '../src/http/form-text.ts'
import type { Server } from '../src/http/server.ts'
import { listening } from './listening.ts'

const Text = z.object({ name: boundedText({ max: 100 }).optional() })

function routes(app: Server): void {
  acceptForms(app)
  app.post('/things', { schema: { body: Text } }, ({ body }) => body)
  app.get('/things', { schema: { querystring: Text } }, ({ query }) => query)
  app.get('/plain', () => ({ ok: true }))
  app.post('/forwarded', { config: { forwards: true } }, () => ({ ok: true }))
}

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
/** An invalid byte, a lone continuation byte, an overlong NUL, half a surrogate pair, an invalid code point, a cut sequence. */
const NOT_UTF8 = ['ff', '80', 'c080', 'eda080', 'f4908080', 'c3']

const post = (body: NonNullable<RequestInit['body']>, headers: Record<string, string>) => ({
  method: 'POST',
  body,
  headers,
})
const bytes = (before: string, hex: string, after: string) =>
  Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)])

describe('text that is not UTF-8', () => {
  for (const hex of NOT_UTF8) {
    const encoded = hex.replace(/../g, '%$&')
    const requests: [what: string, path: string, init?: RequestInit][] = [
      ['a JSON body', '/things', post(bytes('{"name":"a', hex, '"}'), JSON_TYPE)],
      ['a member of a JSON body', '/things', post(bytes('{"', hex, '":1}'), JSON_TYPE)],
      ['a form', '/things', post(bytes('name=', hex, ''), FORM_TYPE)],
      ['an encoded form', '/things', post(`name=${encoded}`, FORM_TYPE)],
      ['an encoded field of a form', '/things', post(`${encoded}=a`, FORM_TYPE)],
      ['a query', `/things?name=${encoded}`],
      ['an unread query', `/plain?name=${encoded}`],
      ['the name in a query', `/things?${encoded}=a`],
    ]
    for (const [what, path, init] of requests) {
      it(`is a 400 in ${what}: ${hex}`, async (t) => {
        const { origin } = await listening(t, routes)
        const response = await fetch(origin + path, init)
        assert.equal(response.status, 400)
        assert.match(await response.text(), /is not valid UTF-8/)
      })
    }
  }

  it('is not checked on a route that forwards', async (t) => {
    const { origin } = await listening(t, routes)
    const response = await fetch(`${origin}/forwarded?a=%ff`, post('a', { ...FORM_TYPE, 'content-encoding': 'br' }))
    assert.equal(response.status, 200)
  })

  it('does not include a byte order mark or any valid character', async (t) => {
    const { origin } = await listening(t, routes)
    const name = 'Zoë 李 😀 \ufffd'
    const body = { name }
    for (const response of [
      await fetch(`${origin}/things`, post(bytes('', 'efbbbf', JSON.stringify(body)), JSON_TYPE)),
      await fetch(`${origin}/things`, post(new URLSearchParams(body), {})),
      await fetch(`${origin}/things?${new URLSearchParams(body)}`),
    ]) {
      assert.deepEqual(await response.json(), body)
    }
  })
})

describe('a body in another form', () => {
  const compressed = gzipSync('{"name":"a"}')
  const table: [what: string, body: NonNullable<RequestInit['body']>, headers: Record<string, string>][] = [
    ['gzip', compressed, { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    ['a coding that there is not', '{}', { ...JSON_TYPE, 'content-encoding': 'none' }],
    ['a coding without a type', '{}', { 'content-type': '', 'content-encoding': 'br' }],
    ['gzip of a form', compressed, { ...FORM_TYPE, 'content-encoding': 'gzip' }],
    ['text', 'a', { 'content-type': 'text/plain' }],
    ['XML', '<a/>', { 'content-type': 'application/xml' }],
    ['parts', '--a--', { 'content-type': 'multipart/form-data; boundary=a' }],
    ['Latin-1 JSON', '{}', { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['a Latin-1 form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded; charset="latin1"' }],
  ]
  for (const [what, body, headers] of table) {
    it(`is a 415: ${what}`, async (t) => {
      const { origin } = await listening(t, routes)
      const response = await fetch(`${origin}/things`, post(body, headers))
      assert.equal(response.status, 415)
      if ('content-encoding' in headers) assert.equal(response.headers.get('accept-encoding'), 'identity')
    })
  }

  it('is read if it only declares the default', async (t) => {
    const { origin } = await listening(t, routes)
    for (const headers of [
      { ...JSON_TYPE, 'content-encoding': 'identity' },
      { 'content-type': 'application/json;charset=UTF-8' },
      { 'content-type': 'application/json; charset="us-ascii"' },
    ]) {
      assert.deepEqual(await (await fetch(`${origin}/things`, post('{"name":"a"}', headers))).json(), { name: 'a' })
    }
  })
})
