import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { GivenName } from '@daytona-auth/accounts/given-name'
import { apiShape } from '@daytona-auth/configuration/api'
import { providerShape } from '@daytona-auth/configuration/provider'
import { variablesOf } from '@daytona-auth/service'
import { world } from '../../../test/world.ts'

/** The variables of the API that limit its clients, each with a unique value. */
const limits = variablesOf(apiShape).filter(({ name }) => /_PER_|_CREATIONS_|^BODY_LIMIT$/.test(name))
const values = new Map(limits.map(({ name }, index) => [name, name === 'BODY_LIMIT' ? 70_001 : 61 + index]))
const { request } = await world(
  { after },
  Object.fromEntries([...values].map(([name, value]) => [name, String(value)])),
)
const page = (await request('GET', '/docs/rate-limits')).text
const cells = [...page.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell = '']) => cell)

describe('the page of limits', () => {
  it('has limits of both servers', () => {
    assert.ok(limits.length >= 12, String(limits.length))
    assert.ok(values.has('MANAGEMENT_WRITES_PER_CREDENTIAL'))
  })

  for (const [name, value] of values) {
    it(`shows the value in force of ${name}`, () => {
      const text = value.toLocaleString('en')
      assert.ok(
        cells.some((cell) => cell === text || cell.startsWith(`${text} `)),
        `no cell begins with ${text}`,
      )
    })
  }

  for (const { name, default: given = '' } of variablesOf(providerShape)) {
    if (!/_(?:LIMIT|WINDOW|TTL|GRACE)$/.test(name)) continue
    it(`shows the default of ${name}`, () => {
      const value = Number(given) ? Number(given).toLocaleString('en') : given
      assert.ok(cells.includes(value), `no cell is ${value}`)
    })
  }

  it('shows the maximum length of names', () => {
    const { maxLength } = GivenName.meta() ?? {}
    assert.ok(typeof maxLength === 'number')
    assert.ok(GivenName.safeParse('x'.repeat(maxLength)).success)
    assert.ok(!GivenName.safeParse('x'.repeat(maxLength + 1)).success)
    assert.ok(cells.includes(`${maxLength} characters`))
  })
})
