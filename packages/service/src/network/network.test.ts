import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isInNetworks, readNetwork } from './network.ts'

describe('readNetwork', () => {
  for (const text of [
    'localhost',
    'localhost/8',
    '10.0.0.0/33',
    '::1/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/1e1',
    ' 10.0.0.0/8',
    '10.0/16',
    '010.0.0.0/8',
    '0x0a.0.0.0/8',
    '167772160/8',
    '127.1',
    '10.0.0.1:80',
    '[::1]',
    '',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(readNetwork(text), undefined))
  }

  for (const [text, address, bits] of [
    ['10.0.0.0/8', '10.0.0.0', 8],
    ['10.0.0.7', '10.0.0.7', 32],
    ['fd00::/8', 'fd00::', 8],
    ['::1', '::1', 128],
    ['::ffff:10.0.0.0/104', '10.0.0.0', 8],
    ['::ffff:10.0.0.7', '10.0.0.7', 32],
  ] as const) {
    it(`reads ${text}`, () => {
      const [start, prefixBits] = readNetwork(text) ?? []
      assert.deepEqual([start?.toString(), prefixBits], [address, bits])
    })
  }
})

describe('isInNetworks', () => {
  const isIn = (network: string, address: string) => {
    const read = readNetwork(network)
    assert.ok(read)
    return isInNetworks([read], address)
  }

  it('compares a mapped address and a mapped network as IPv4', () => {
    for (const network of ['10.0.0.0/8', '::ffff:10.0.0.0/104']) {
      for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:a01:203'])
        assert.ok(isIn(network, address), address)
      for (const address of ['11.1.2.3', '::ffff:11.1.2.3', '::a01:203']) assert.ok(!isIn(network, address), address)
    }
    assert.ok(!isIn('::/0', '10.1.2.3'))
    assert.ok(!isIn('0.0.0.0/0', '::1'))
  })

  it('decides for every network as the BlockList of Node does', () => {
    for (const [family, addresses, maxBits] of [
      ['ipv4', fc.ipV4(), 32],
      ['ipv6', fc.ipV6().filter((text) => !/^(?:0*:)*:?ffff:|\./i.test(text)), 128],
    ] as const) {
      fc.assert(
        fc.property(addresses, addresses, fc.integer({ min: 0, max: maxBits }), (start, other, bits) => {
          const expected = new BlockList()
          expected.addSubnet(start, bits, family)
          for (const address of [start, other]) {
            assert.equal(
              isIn(`${start}/${bits}`, address),
              expected.check(address, family),
              `${start}/${bits} ${address}`,
            )
          }
        }),
      )
    }
  })
})
