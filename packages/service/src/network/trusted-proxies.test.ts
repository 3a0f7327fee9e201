import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { trustedPeers } from './trusted-proxies.ts'

describe('trustedPeers', () => {
  it('trusts no peer by default', () => {
    const trusts = trustedPeers([])
    for (const address of ['127.0.0.1', '::1', undefined]) assert.equal(trusts(address), false)
  })

  const trusts = trustedPeers(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1/128'])
  const table: [address: string | undefined, expected: boolean][] = [
    ['10.0.0.1', true],
    ['10.255.255.255', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['::ffff:10.1.2.3', true], // how a dual-stack socket names an IPv4 peer
    ['::ffff:11.1.2.3', false],
    ['fd12::1', true],
    ['fe80::1', false],
    ['::1', true],
    ['unknown', false],
    ['10.0.0.1:4711', false],
    ['', false],
    [undefined, false],
  ]
  for (const [address, expected] of table) {
    it(`${expected ? 'trusts' : 'does not trust'} ${address ?? 'a peer that is gone'}`, () => {
      assert.equal(trusts(address), expected)
      assert.equal(trusts(address), expected, 'asked again')
    })
  }

  it('clears its cache before it grows without bound, and stays correct', () => {
    for (let host = 0; host < 5000; host += 1) {
      assert.equal(trusts(`10.1.${host >> 8}.${host & 255}`), true)
      assert.equal(trusts(`11.1.${host >> 8}.${host & 255}`), false)
    }
  })

  it('refuses text that is not a network', () => {
    assert.throws(() => trustedPeers(['localhost']))
    assert.throws(() => trustedPeers(['10.0.0.0/33']))
  })
})
