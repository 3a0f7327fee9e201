import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { neighbourhood } from './address.ts'

describe('neighbourhood', () => {
  const table: [address: string, expected: string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8:1:2:3:4:192.0.2.1', '2001:db8:1:2::/64'],
    ['unknown', 'unknown'],
  ]
  for (const [address, expected] of table) {
    it(`counts ${address} as ${expected}`, () => assert.equal(neighbourhood(address), expected))
  }
})
