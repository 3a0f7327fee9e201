import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { createPublicFetch, isPublic } from './public-fetch.ts'

const LIMITS = { timeoutMs: 30_000, maxBytes: 1000 }
const LOOPBACK = ['127.0.0.0/8', '::1']
const publicOnly = createPublicFetch({ ...LIMITS, allowedNetworks: [] })
const local = createPublicFetch({ ...LIMITS, allowedNetworks: LOOPBACK })
const impatient = createPublicFetch({ ...LIMITS, allowedNetworks: LOOPBACK, timeoutMs: 500 })

const requests: string[] = []
const answers: Record<string, RequestListener> = {
  '/document': (_request, response) => response.setHeader('cache-control', 'max-age=60').end('{"keys":[]}'),
  '/missing': (_request, response) => response.writeHead(404).end(),
  '/redirect': (_request, response) => response.writeHead(302, { location: '/document' }).end(),
  '/long': (_request, response) => response.end('x'.repeat(LIMITS.maxBytes + 1)),
  '/endless': (_request, response) => void setInterval(() => response.write('x'), 50).unref(),
  '/silent': () => {},
}
const server = createServer((request, response) => {
  requests.push(String(request.url))
  answers[request.url ?? '']?.(request, response)
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo // listens on TCP
after(() => {
  server.closeAllConnections()
  server.close()
})

describe('isPublic', () => {
  for (const address of [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'fd00::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '::a00:1',
    '::10.0.0.1',
    '200::1',
    '100:0:0:1::1',
    '4000::1',
    'fec0::1',
    'localhost',
    '',
  ]) {
    it(`is false for ${address || 'nothing'}`, () => assert.equal(isPublic(address), false))
  }
  for (const address of ['1.1.1.1', '203.0.114.1', '::ffff:1.1.1.1', '2606:4700:4700::1111', '3ffe::1']) {
    it(`is true for ${address}`, () => assert.equal(isPublic(address), true))
  }
})

describe('a fetch of public documents', () => {
  for (const url of [
    `http://127.0.0.1:${port}/document`,
    `http://localhost:${port}/document`,
    `http://[::1]:${port}/document`,
    `https://127.1:${port}/document`,
    `https://0x7f000001:${port}/document`,
    `https://[::ffff:127.0.0.1]:${port}/document`,
    `https://169.254.169.254/latest/meta-data`,
    `http://example.com/document`,
    'file:///etc/passwd',
    'data:application/json,{}',
    'ftp://127.0.0.1/x',
  ]) {
    it(`does not connect to ${url.replace(String(port), 'port')}`, async () => {
      const before = requests.length
      await assert.rejects(publicOnly(url), /public|only https/)
      assert.equal(requests.length, before)
    })
  }

  it('reaches a network that the operator allows, by address and by name', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const response = await local(`http://${host}:${port}/document`)
      assert.deepEqual(
        [response.status, response.headers.get('cache-control'), await response.json()],
        [200, 'max-age=60', { keys: [] }],
      )
    }
    assert.equal((await local(`http://127.0.0.1:${port}/missing`)).status, 404)
  })

  it('does not follow a redirect', async () => {
    await assert.rejects(local(`http://127.0.0.1:${port}/redirect`), /redirects/)
    assert.equal(requests.at(-1), '/redirect')
  })

  it('ends a response that is too long', () =>
    assert.rejects(local(`http://127.0.0.1:${port}/long`), /longer than 1000/))

  for (const path of ['/silent', '/endless']) {
    it(`ends a response that takes too long: ${path}`, async () => {
      const startedAt = performance.now()
      await assert.rejects(impatient(`http://127.0.0.1:${port}${path}`), { name: 'AbortError' })
      // The others' limit is half a minute, the default of Node five.
      assert.ok(performance.now() - startedAt < 25_000)
    })
  }
})
