import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testDatabase, waitFor } from '@daytona-auth/testing'
import { domainOf, newId, normalizeDomain, type OrganizationId } from '../src/core/index.ts'
import {
  confirmDomain,
  type DomainRow,
  deleteDomain,
  deleteIdentityProvider,
  deleteOrganization,
  findDomain,
  findIdentityProvider,
  findIdentityProviderOfDomain,
  findSealedClientSecret,
  findSealedIdentityProvider,
  findSignInObstacle,
  insertDomain,
  listDomains,
  putIdentityProvider,
  resealIdentityProviders,
  setSignInRule,
  takeDomainsToCheck,
  verifyDomain,
} from '../src/organizations/index.ts'
import {
  findMissingProvider,
  findRequiredProvider,
  findUserOfIdentity,
  type Identity,
  isWithProvider,
  linkIdentity,
  listOrganizationIdentities,
  ownsDomainOf,
  unlinkOrganizationIdentity,
  useIdentity,
} from '../src/users/index.ts'
import { rowsOf } from './rows.ts'
import { transactionsOn } from './transactions.ts'

const { database } = await testDatabase({ after })
const { $client: sql } = database
const rows = rowsOf(database)
const { change, waits } = transactionsOn(database)
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

describe('an identity of an organization', () => {
  const provider = { name: 'A', clientId: 'a', scopes: ['openid'], sealedClientSecret: 'sealed' }

  /** An organization with a verified domain and a provider, and a user with an address in that domain. */
  async function scene(domain: string) {
    const organizationId = await newOrganization()
    const row = await claim(organizationId, domain)
    await verify(row)
    const issuer = 'https://login.example'
    await change((tx) => putIdentityProvider(tx, organizationId, { ...provider, issuer }))
    const userId = await rows.user()
    await sql`UPDATE users SET email = ${`ada@${domain}`} WHERE id = ${userId}`
    const identity = { issuer, subject: 'ada', organizationId }
    return {
      organizationId,
      row,
      userId,
      identity,
      link: (user = userId, given: Identity = identity) =>
        change((tx) => linkIdentity(tx, user, { ...given, email: 'unused' })),
      use: () => change((tx) => useIdentity(tx, userId, identity)),
    }
  }

  it('is linked and used for an address in a verified domain only, by the provider of the organization', async () => {
    const here = await scene('e.example')
    const outsider = await rows.user()
    assert.equal(await here.link(outsider), false)
    assert.equal(await here.link(here.userId, { ...here.identity, issuer: 'https://another.example' }), false)
    assert.equal(await findUserOfIdentity(database, here.identity), undefined)
    assert.equal(await here.link(), true)
    assert.equal(await findUserOfIdentity(database, here.identity), here.userId)
    assert.equal(await here.use(), true)
    // The address, the provider and the domain count as they are now.
    await sql`UPDATE users SET email = 'ada@elsewhere.example' WHERE id = ${here.userId}`
    assert.equal(await here.use(), false)
    await sql`UPDATE users SET email = 'Ada@E.example' WHERE id = ${here.userId}`
    assert.equal(await here.use(), true)
    await sql`UPDATE identity_providers SET issuer = 'https://x.example' WHERE organization_id = ${here.organizationId}`
    assert.equal(await here.use(), false)
    await sql`UPDATE identity_providers SET issuer = ${here.identity.issuer} WHERE organization_id = ${here.organizationId}`
    assert.equal(await here.use(), true)
    await sql`UPDATE organization_domains SET verified_at = NULL WHERE id = ${here.row.id}`
    assert.equal(await here.use(), false)
    assert.equal(await ownsDomainOf(database, here.organizationId, 'ada@e.example'), false)
  })

  it('is used under locks of the domain and the provider', async () => {
    const [here, there] = [await scene('h.example'), await scene('i.example')]
    const remove = ({ organizationId, row }: typeof here) => change((tx) => deleteDomain(tx, organizationId, row.id))
    const [linked] = await waits(
      (tx) => linkIdentity(tx, here.userId, { ...here.identity, email: 'unused' }),
      () => remove(here),
    )
    assert.equal(linked, true)
    assert.equal(await here.use(), false)

    assert.equal(await there.link(), true)
    const { organizationId, row } = there
    const [, used] = await waits((tx) => deleteDomain(tx, organizationId, row.id), there.use)
    assert.equal(used, false)

    const last = await scene('j.example')
    const [, isLinked] = await waits(
      (tx) => deleteIdentityProvider(tx, last.organizationId),
      () => last.link(),
    )
    assert.equal(isLinked, false)
  })

  it('is linked while its organization is being deleted, without a deadlock', async () => {
    const here = await scene('deadlock.example')
    const waiters = (count: number) =>
      waitFor(
        async () =>
          (await sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
            .length >= count,
      )
    // A transaction that deadlocks runs again.
    const runs = { link: 0, deletion: 0 }
    let both: Promise<unknown[]> | undefined
    await sql.begin(async (held) => {
      await held`SELECT FROM organization_domains WHERE id = ${here.row.id} FOR UPDATE`
      const linked = change((tx) => {
        runs.link += 1
        return linkIdentity(tx, here.userId, { ...here.identity, email: 'unused' })
      })
      await waiters(1)
      const deleted = change((tx) => {
        runs.deletion += 1
        return deleteOrganization(tx, here.organizationId)
      })
      both = Promise.all([linked, deleted])
      both.catch(() => {}) // awaited below
      await waiters(2)
    })
    assert.deepEqual([await both, runs], [[true, []], { link: 1, deletion: 1 }])
    assert.equal(await findUserOfIdentity(database, here.identity), undefined)
  })

  it('is not the one of the same issuer and subject at another organization, or of the deployment', async () => {
    const [here, there] = [await scene('f.example'), await scene('g.example')]
    assert.equal(await here.link(), true)
    const { organizationId, ...ofDeployment } = here.identity
    assert.equal(await findUserOfIdentity(database, there.identity), undefined)
    assert.equal(await findUserOfIdentity(database, ofDeployment), undefined)
    const second = await rows.user()
    await sql`UPDATE users SET email = 'bob@f.example' WHERE id = ${second}`
    assert.equal(await here.link(second), false, 'it is linked already')
    assert.equal((await findIdentityProviderOfDomain(database, 'f.example'))?.organizationId, organizationId)
    assert.equal((await findSealedIdentityProvider(database, organizationId))?.sealedClientSecret, 'sealed')
    await sql`UPDATE organization_domains SET verified_at = NULL WHERE id = ${here.row.id}`
    assert.equal(await findIdentityProviderOfDomain(database, 'f.example'), undefined)
  })
})

describe('the removal of an identity of an organization', () => {
  it('spares other people, other organizations and the only way in, and ends what it signed in', async () => {
    const [one, other] = [await newOrganization(), await newOrganization()]
    const [ada, bob] = [await rows.user(), await rows.user()]
    await rows.organization(ada, { isPersonal: true })
    const unlink = (organization = one) => change((tx) => unlinkOrganizationIdentity(tx, ada, organization, []))
    const link = (organization: OrganizationId, user: string) => sql`
      INSERT INTO organization_identities (organization_id, user_id, issuer, subject)
      VALUES (${organization}, ${user}, 'https://login.example', ${user})`
    const payload = (organizationId?: string) => JSON.stringify({ identity: { organizationId } })
    const session = (uid: string, user: string, organizationId?: string) => sql`
      INSERT INTO oidc_artifacts (model, digest, payload, account_id, uid, expires_at)
      VALUES ('Session', ${Buffer.from(uid)}, ${payload(organizationId)}::text::jsonb,
        ${user}, ${uid}, now() + interval '1 day')`
    await session('ada-with-one', ada, one)
    await session('ada-with-other', ada, other)
    await session('ada-with-password', ada)
    await session('bob-with-one', bob, one)
    const client = await rows.client({})
    const [marked, within, foreign] = [
      await rows.grant(ada, client),
      await rows.grant(ada, client),
      await rows.grant(bob, client),
    ]
    await sql`UPDATE grants SET payload = ${payload(one)}::text::jsonb WHERE id IN ${sql([marked, foreign])}`
    await sql`UPDATE grants SET session_uid = 'ada-with-one' WHERE id = ${within}`
    await rows.grant(ada, client)
    await link(one, bob)
    assert.equal(await unlink(), 'unknown')
    await link(one, ada)
    await link(other, ada)
    assert.equal(await unlink(), 'last')
    await sql`INSERT INTO user_credentials (id, user_id, kind, secret) VALUES (${newId('cred')}, ${ada}, 'password', 'a hash')`

    const unlinked = await unlink()
    assert.ok(typeof unlinked === 'object')
    assert.deepEqual([unlinked.issuer, unlinked.ended.sessions], ['https://login.example', 1])
    assert.deepEqual(unlinked.ended.grants.map(({ id }) => id).sort(), [marked, within].sort())
    const left = await sql`SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id IN ${sql([ada, bob])}`
    assert.deepEqual(left.map(({ uid }) => uid).sort(), ['ada-with-other', 'ada-with-password', 'bob-with-one'])
    const linked = async (user: typeof ada) =>
      (await listOrganizationIdentities(database, user)).map(({ organizationId }) => organizationId)
    assert.deepEqual([await linked(ada), await linked(bob)], [[other], [one]])
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

  it('is required only with a verified domain, and if an owner is sure of a way in', async () => {
    const owner = await rows.user()
    const organization = await rows.organization(owner)
    const given = { name: 'A', issuer: 'https://a.example', clientId: 'a', scopes: ['openid'], sealedClientSecret: 's' }
    const obstacle = () => findSignInObstacle(database, organization)
    assert.equal(await change((tx) => setSignInRule(tx, organization, 'required')), false, 'there is no provider')
    await change((tx) => putIdentityProvider(tx, organization, given))
    const row = await claim(organization, 'required.example')
    assert.equal(await obstacle(), 'domain', 'it is claimed only')
    await verify(row)
    assert.equal(await obstacle(), undefined, 'the address of the owner is in another domain')

    await sql`UPDATE users SET email = 'Owner@Required.example' WHERE id = ${owner}`
    assert.equal(await obstacle(), 'owner')
    // A member who is none, with every way in.
    const member = await rows.user()
    await sql`INSERT INTO organization_members (organization_id, user_id, role) VALUES (${organization}, ${member}, 'member')`
    await sql`INSERT INTO totp_factors (user_id, secret, last_step) VALUES (${member}, 'sealed', 0)`
    assert.equal(await obstacle(), 'owner')

    await sql`INSERT INTO totp_factors (user_id, secret, last_step) VALUES (${owner}, 'sealed', 0)`
    assert.equal(await obstacle(), undefined)
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${owner}`
    assert.equal(await obstacle(), 'owner', 'the owner is disabled')
    await sql`UPDATE users SET disabled_at = NULL WHERE id = ${owner}`
    await sql`DELETE FROM totp_factors WHERE user_id = ${owner}`

    const identity = { issuer: given.issuer, subject: 'owner', organizationId: organization }
    assert.equal(await change((tx) => linkIdentity(tx, owner, { ...identity, email: 'unused' })), true)
    assert.equal(await obstacle(), undefined)
    assert.equal(await change((tx) => setSignInRule(tx, organization, 'required')), true)
    await change((tx) => putIdentityProvider(tx, organization, { ...given, issuer: 'https://b.example' }))
    assert.equal(await obstacle(), 'owner', 'the provider has another issuer')
    assert.equal((await findIdentityProvider(database, organization))?.signIn, 'required')
    await assert.rejects(sql`UPDATE identity_providers SET sign_in = 'never'`, { code: '23514' })
  })

  it('is required for the addresses of its verified domain, except for owners with a second factor', async () => {
    const owner = await rows.user()
    const organization = await rows.organization(owner)
    const given = { name: 'A', issuer: 'https://a.example', clientId: 'a', scopes: ['openid'], sealedClientSecret: 's' }
    await change((tx) => putIdentityProvider(tx, organization, given))
    const row = await claim(organization, 'rule.example')
    await change((tx) => setSignInRule(tx, organization, 'required'))
    const email = 'owner@rule.example'
    await sql`UPDATE users SET email = ${email} WHERE id = ${owner}`
    assert.equal(await findRequiredProvider(database, email), undefined, 'the domain is claimed only')
    await verify(row)
    const provider = { organizationId: organization, issuer: given.issuer, name: 'A' }
    const stranger = 'unknown@Rule.example'
    assert.deepEqual(await findRequiredProvider(database, stranger), { ...provider, isExempt: false })
    assert.equal(await findRequiredProvider(database, 'owner@sub.rule.example'), undefined)

    const identity = { issuer: given.issuer, subject: 'owner', organizationId: organization }
    assert.equal(isWithProvider(provider, identity), true)
    const others = [undefined, { ...identity, issuer: 'https://b.example' }, { ...identity, organizationId: undefined }]
    const missing = async (isStrong: boolean, by?: Identity) =>
      (await findMissingProvider(database, email, { identity: by, isStrong }))?.organizationId
    assert.equal(await missing(false, identity), undefined)
    for (const other of others) assert.equal(await missing(true, other), organization)
    await sql`INSERT INTO totp_factors (user_id, secret, last_step) VALUES (${owner}, 'sealed', 0)`
    assert.equal(await missing(true), undefined)
    assert.equal(await missing(false), organization)
    await change((tx) => setSignInRule(tx, organization, 'optional'))
    assert.equal(await missing(false), undefined)
  })

  it('gets a client secret that was encrypted again, and no other provider does', async () => {
    const [one, other] = [await newOrganization(), await newOrganization()]
    const given = { name: 'A', issuer: 'https://a.example', clientId: 'a', scopes: ['openid'] }
    for (const id of [one, other]) {
      await change((tx) => putIdentityProvider(tx, id, { ...given, sealedClientSecret: `old of ${id}` }))
    }
    const replace = async ({ id }: { id: OrganizationId }) => (id === one ? `new of ${id}` : undefined)
    assert.equal(await resealIdentityProviders(database, replace, 'test'), 1)
    assert.equal((await findSealedClientSecret(database, one))?.sealedClientSecret, `new of ${one}`)
    assert.equal((await findSealedClientSecret(database, other))?.sealedClientSecret, `old of ${other}`)
  })
})
