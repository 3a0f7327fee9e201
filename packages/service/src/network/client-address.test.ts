import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { networkOf, normalizeForwardedFor, parseAddress } from './client-address.ts'

describe('parseAddress', () => {
  for (const [text, address] of [
    ['203.0.113.8', '203.0.113.8'],
    ['203.0.113.8:51234', '203.0.113.8'],
    [' 203.0.113.8:51234 ', '203.0.113.8'],
    ['"203.0.113.8:51234"', '203.0.113.8'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:DB8::1]"', '2001:db8::1'],
    ['2001:db8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:203.0.113.8', '203.0.113.8'],
    ['[::ffff:203.0.113.8]:1', '203.0.113.8'],
    ['unknown', undefined],
    ['_hidden', undefined],
    ['', undefined],
    ['0x7f.1', undefined],
    ['127.1', undefined],
    ['2130706433', undefined],
    ['010.0.0.1', undefined],
    ['203.0.113.8:', undefined],
    ['203.0.113.256', undefined],
    ['[203.0.113.8', undefined],
    ['1'.repeat(10_000), undefined],
  ] as const) {
    it(`is ${address} for ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(parseAddress(text), address))
  }
})

describe('networkOf', () => {
  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['unknown', 'unknown'],
    ['not:an:address', 'not:an:address'],
    ['', ''],
    [undefined, ''],
  ] as const) {
    it(`maps ${JSON.stringify(address)} to ${network}`, () => assert.equal(networkOf(address), network))
  }

  it('maps all addresses of a /64, in any form, to one network, and those of another to another', () => {
    const tail = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 })
    const text = (groups: number[]) => groups.map((group) => group.toString(16)).join(':')
    fc.assert(
      fc.property(fc.ipV6(), tail, (address, interfaceId) => {
        const network = networkOf(address)
        fc.pre(network.endsWith('::/64'))
        const prefix = network.slice(0, -'::/64'.length)
        assert.equal(networkOf(`${prefix}:${text(interfaceId)}`), network)
        const [first = '0', ...rest] = prefix.split(':')
        const other = ((Number.parseInt(first, 16) + 1) % 0x10000).toString(16)
        assert.notEqual(networkOf(`${[other, ...rest].join(':')}:${text(interfaceId)}`), network)
      }),
    )
  })

  it('is the same for all ports', () => {
    for (const address of ['203.0.113.8', '203.0.113.8:1', '203.0.113.8:65535', '::ffff:203.0.113.8']) {
      assert.equal(networkOf(address), '203.0.113.8')
    }
    assert.equal(networkOf('[2001:db8::1]:443'), networkOf('2001:db8::2'))
  })
})

describe('normalizeForwardedFor', () => {
  const from = (headers: Record<string, string>, remoteAddress = '10.0.0.1') => {
    const message = { headers: { ...headers }, socket: { remoteAddress } } as unknown as IncomingMessage
    normalizeForwardedFor(message, (peer) => peer === '10.0.0.1')
    return message.headers['x-forwarded-for']
  }

  it('ignores the headers of an untrusted peer', () => {
    assert.equal(from({ 'x-forwarded-for': 'unknown' }, '192.0.2.1'), 'unknown')
    assert.equal(from({ forwarded: 'for=203.0.113.8' }, '192.0.2.1'), undefined)
  })

  for (const [given, expected] of [
    ['203.0.113.8:51234', '203.0.113.8'],
    ['[2001:db8::1]:443, 10.0.0.2:80', '2001:db8::1, 10.0.0.2'],
    ['203.0.113.8, , 10.0.0.2,', '203.0.113.8, 10.0.0.2'],
    ['203.0.113.8, unknown, 10.0.0.2', '10.0.0.2'],
    ['unknown', undefined],
    [',', undefined],
  ] as const) {
    it(`makes ${expected} of X-Forwarded-For: ${given}`, () =>
      assert.equal(from({ 'x-forwarded-for': given }), expected))
  }

  for (const [given, expected] of [
    ['for=203.0.113.8', '203.0.113.8'],
    ['For="[2001:db8::1]:4711";proto=https, for=10.0.0.2', '2001:db8::1, 10.0.0.2'],
    ['proto=https;for="203.0.113.8:1"', '203.0.113.8'],
    ['for=203.0.113.8, by=10.0.0.3, for=10.0.0.2', '10.0.0.2'],
    ['for=unknown', undefined],
    ['for=_secret, for=10.0.0.2', '10.0.0.2'],
  ] as const) {
    it(`makes ${expected} of Forwarded: ${given}`, () => assert.equal(from({ forwarded: given }), expected))
  }

  it('prefers X-Forwarded-For to Forwarded', () =>
    assert.equal(from({ 'x-forwarded-for': '203.0.113.8', forwarded: 'for=192.0.2.9' }), '203.0.113.8'))
})
