import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { networkOf } from './client-address.ts'

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
})
