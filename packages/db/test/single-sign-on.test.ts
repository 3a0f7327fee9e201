import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase } from '@daytona-auth/testing'
import { domainOf, newId, normalizeDomain, type OrganizationId } from '../src/core/index.ts'
import {
  confirmDomain,
  type DomainRow,
  findDomain,
  findIdentityProvider,
  findSealedClientSecret,
  insertDomain,
  listDomains,
  putIdentityProvider,
  takeDomainsToCheck,
  verifyDomain,
} from '../src/organizations/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change } = transactionsOn(database)
const newOrganization = async () => rows.organization(await rows.user())
const DAY_MS = 24 * 60 * 60 * 1000

async function claim(organization: OrganizationId, domain: string): Promise<DomainRow> {
  const row = await change((tx) => insertDomain(tx, organization, { id: newId('dom'), domain, token: `of ${domain}` }))
  assert.ok(row)
  return row
}

const verify = (row: DomainRow) => change((tx) => verifyDomain(tx, row.organizationId, row))

describe('a domain', () => {
  it('is written and compared in ASCII and lower case', () => {
    assert.deepEqual(['Example.COM ', 'BÜCHER.example', 'xn--bcher-kva.example', '1.2.3.4'].map(normalizeDomain), [
      'example.com',
      'xn--bcher-kva.example',
      'xn--bcher-kva.example',
      '1.2.3.4',
    ])
    assert.deepEqual(['Ada@Bücher.Example', '"a@b"@example.com', 'nothing', 'a@'].map(domainOf), [
      'xn--bcher-kva.example',
      'example.com',
      '',
      '',
    ])
  })

  it('is claimed once by an organization and by any number of them, and verified by one', async () => {
    const [one, other] = [await newOrganization(), await newOrganization()]
    const [first, second] = [await claim(one, 'a.example'), await claim(other, 'a.example')]
    const again = { id: newId('dom'), domain: 'a.example', token: 'again' }
    assert.equal(await change((tx) => insertDomain(tx, one, again)), undefined)
    const verified = await verify(first)
    assert.ok(verified && verified !== 'taken' && verified.verifiedAt)
    await assert.rejects(
      change(async (tx) => {
        assert.equal(await verifyDomain(tx, other, second), 'taken')
      }),
      { code: '23505' }, // unique_violation, which aborts the transaction
    )
    assert.equal((await findDomain(database, other, second.id))?.verifiedAt, null)
  })

  it('is not verified with the token of an earlier claim', async () => {
    const row = await claim(await newOrganization(), 'b.example')
    assert.equal(await verify({ ...row, token: 'earlier' }), undefined)
  })

  it('is taken for a look-up once in the interval, if it is verified', async () => {
    const organization = await newOrganization()
    const [due, pending] = [await claim(organization, 'c.example'), await claim(organization, 'd.example')]
    await verify(due)
    assert.deepEqual(await takeDomainsToCheck(database, DAY_MS, 10), [])
    await sql`UPDATE organization_domains SET checked_at = now() - interval '2 days', confirmed_at = now() - interval '2 days'
      WHERE organization_id = ${organization}`
    const taken = await takeDomainsToCheck(database, DAY_MS, 10)
    assert.deepEqual(
      taken.map(({ id }) => id),
      [due.id],
    )
    assert.deepEqual(await takeDomainsToCheck(database, DAY_MS, 10), [])
    const confirmedAt = async (id: string) => (await findDomain(database, organization, id))?.confirmedAt
    const before = await confirmedAt(due.id)
    await confirmDomain(database, { id: due.id, token: 'earlier' })
    assert.deepEqual(await confirmedAt(due.id), before)
    await confirmDomain(database, due)
    assert.ok(((await confirmedAt(due.id))?.getTime() ?? 0) > (before?.getTime() ?? 0))
    const { rows: listed } = await listDomains(database, organization, { limit: 10 })
    assert.deepEqual(
      listed.map(({ id }) => id),
      [pending.id, due.id],
    )
  })
})

describe('an identity provider', () => {
  it('is one for each organization, and found without its secret', async () => {
    const organization = await newOrganization()
    const given = {
      name: 'A',
      issuer: 'https://a.example',
      clientId: 'a',
      scopes: ['openid'],
      sealedClientSecret: 'one',
    }
    await change((tx) => putIdentityProvider(tx, organization, given))
    await change((tx) => putIdentityProvider(tx, organization, { ...given, name: 'B', sealedClientSecret: 'two' }))
    const found = await findIdentityProvider(database, organization)
    assert.equal(found?.name, 'B')
    assert.ok(!JSON.stringify(found).includes('two'))
    assert.equal((await findSealedClientSecret(database, organization))?.sealedClientSecret, 'two')
  })
})
