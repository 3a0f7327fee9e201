import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
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
