import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { OrganizationId } from '@daytona-auth/db/core'
import { createTxtLookUp } from '@daytona-auth/service'
import { dnsServer } from '../../../test/dns-server.ts'
import { FORBIDDEN, world } from '../../../test/world.ts'
import { checkDomains } from './domain-checks.ts'

const dns = await dnsServer({ after })
const { request, person, database } = await world({ after }, { DNS_SERVERS: dns.address })
const sql = database.$client
const lookUpTxt = createTxtLookUp({ servers: [dns.address], timeoutMs: 1500 })

interface Domain {
  readonly id: string
  readonly domain: string
  readonly status: string
  readonly record: { readonly type: string; readonly name: string; readonly value: string }
}

async function scene() {
  const owner = await person('Ada')
  const organization = await owner.organization()
  const { value } = await owner.token()
  const at = `/organizations/${organization}/domains`
  return {
    owner,
    organization,
    token: value,
    at,
    claim: (domain: string, credential = value) => request('POST', at, credential, { body: { domain } }),
    verify: (id: string, credential = value) => request('POST', `${at}/${id}/verify`, credential),
    get: async (id: string) => (await request('GET', `${at}/${id}`, value)).body as Domain,
  }
}

let count = 0
/** A domain that no other test uses. */
const newDomain = () => {
  count += 1
  return `company${count}.example`
}

const publish = ({ record }: Domain) => dns.records.set(record.name, ['v=spf1 -all', record.value])
const codeOf = ({ status, headers }: { status: number; headers: Headers }) => [status, headers.get('x-error-code')]

const eventsOf = async (organization: OrganizationId) =>
  (
    await sql<{ action: string; metadata: unknown }[]>`SELECT action, metadata FROM audit_events
      WHERE organization_id = ${organization} AND action LIKE 'domain.%' ORDER BY sequence`
  ).map(({ action, metadata }) => [action, metadata])

describe('a claim of a domain', () => {
  it('needs an owner in person who signed in a short time ago', async () => {
    const here = await scene()
    const administrator = await person('Eve')
    await administrator.join(here.organization, ['admin:organization'])
    const key = await here.owner.key(here.organization, ['admin:organization'])
    for (const credential of [key.value, (await administrator.token()).value]) {
      const answer = await here.claim(newDomain(), credential)
      assert.deepEqual([answer.status, answer.body], [403, FORBIDDEN])
    }
    const late = await here.owner.token(undefined, undefined, { auth_time: Math.floor(Date.now() / 1000) - 3600 })
    assert.deepEqual(codeOf(await here.claim(newDomain(), late.value)), [401, 'insufficient_user_authentication'])
    assert.deepEqual(await eventsOf(here.organization), [])
  })

  it('refuses public mail services and what is no domain', async () => {
    const here = await scene()
    for (const domain of ['gmail.com', 'GMAIL.com ', 'googlemail.com', 'web.de', 'proton.me', 'mailinator.com']) {
      const answer = await here.claim(domain)
      assert.deepEqual(
        [answer.status, (answer.body as { error: string }).error],
        [400, 'domain: is a public mail service, whose addresses belong to many people'],
        domain,
      )
    }
    const texts = ['', 'localhost', '127.0.0.1', 'a..example', '.example', 'a.example.', '-a.example', 'a b.example']
    for (const domain of [...texts, 'a@b.example', 'https://a.example', '*.example', `${'a'.repeat(64)}.example`]) {
      assert.equal((await here.claim(domain)).status, 400, domain)
    }
    assert.equal((await here.claim(`${'a.'.repeat(130)}example`)).status, 400)
  })

  it('is not for a personal organization', async () => {
    const owner = await person('Ada')
    const { value } = await owner.token()
    const [personal] = await sql<{ id: string }[]>`
      SELECT id FROM organizations WHERE personal AND created_by = ${owner.userId}`
    const body = { domain: newDomain() }
    const answer = await request('POST', `/organizations/${personal?.id}/domains`, value, { body })
    assert.deepEqual(codeOf(answer), [409, 'personal_organization'])
  })

  it('is pending, in ASCII and lower case, and is made once', async () => {
    const here = await scene()
    const { status, body } = await here.claim(' BÜCHER.Example')
    const made = body as Domain
    assert.deepEqual([status, made.domain, made.status], [201, 'xn--bcher-kva.example', 'pending'])
    assert.deepEqual([made.record.type, made.record.name], ['TXT', '_daytona-verification.xn--bcher-kva.example'])
    assert.match(made.record.value, /^daytona-verification=[\w-]{27}$/)
    assert.deepEqual(codeOf(await here.claim('xn--bcher-kva.example')), [409, 'domain_taken'])
  })
})

describe('the verification of a domain', () => {
  it('looks nothing up for a credential that may not verify', async () => {
    const here = await scene()
    const { id, record } = (await here.claim(newDomain())).body as Domain
    const administrator = await person('Eve')
    await administrator.join(here.organization, ['admin:organization'])
    const { value } = await administrator.token()
    assert.equal((await here.verify(id, value)).status, 403)
    assert.ok(!dns.questions.includes(record.name))
  })

  it('needs the record, with the value of the claim', async () => {
    const [here, there] = [await scene(), await scene()]
    const domain = newDomain()
    const made = (await here.claim(domain)).body as Domain
    assert.deepEqual(codeOf(await here.verify(made.id)), [409, 'domain_record_missing'])
    // The record of another organization proves nothing.
    publish((await there.claim(domain)).body as Domain)
    assert.deepEqual(codeOf(await here.verify(made.id)), [409, 'domain_record_missing'])
    dns.records.set(made.record.name, 'SERVFAIL')
    assert.deepEqual(codeOf(await here.verify(made.id)), [503, 'unavailable'])
    assert.equal((await here.get(made.id)).status, 'pending')
    publish(made)
    const verified = await here.verify(made.id)
    assert.deepEqual([verified.status, (verified.body as Domain).status], [200, 'verified'])
    assert.deepEqual(await eventsOf(here.organization), [
      ['domain.create', { domain }],
      ['domain.verify', { domain }],
    ])
  })

  it('gives a domain to one organization, until that one deletes it', async () => {
    const [here, there] = [await scene(), await scene()]
    const domain = newDomain()
    const [first, second] = [(await here.claim(domain)).body as Domain, (await there.claim(domain)).body as Domain]
    dns.records.set(first.record.name, [first.record.value, second.record.value])
    assert.equal((await here.verify(first.id)).status, 200)
    assert.deepEqual(codeOf(await there.verify(second.id)), [409, 'domain_taken'])
    assert.equal((await request('DELETE', `${here.at}/${first.id}`, here.token)).status, 204)
    assert.equal((await there.verify(second.id)).status, 200)
    assert.deepEqual(await eventsOf(here.organization), [
      ['domain.create', { domain }],
      ['domain.verify', { domain }],
      ['domain.delete', { domain }],
    ])
  })
})

describe('the daily look-up of verified domains', () => {
  /** Verifies a domain whose record was looked up and found days ago. */
  async function verified(here: { claim: Claim; verify: Verify }, days: { checked: number; confirmed: number }) {
    const made = (await here.claim(newDomain())).body as Domain
    publish(made)
    assert.equal((await here.verify(made.id)).status, 200)
    await sql`UPDATE organization_domains SET checked_at = now() - ${`${days.checked} days`}::interval,
      confirmed_at = now() - ${`${days.confirmed} days`}::interval WHERE id = ${made.id}`
    return made
  }
  type Claim = (domain: string) => Promise<{ body: unknown }>
  type Verify = (id: string) => Promise<{ status: number }>

  it('ends the ownership when the record was missing for a week, and not before', async () => {
    const here = await scene()
    const gone = await verified(here, { checked: 2, confirmed: 8 })
    const missing = await verified(here, { checked: 2, confirmed: 6 })
    const silent = await verified(here, { checked: 2, confirmed: 8 })
    const kept = await verified(here, { checked: 2, confirmed: 8 })
    const fresh = await verified(here, { checked: 0, confirmed: 8 })
    for (const { record } of [gone, missing, fresh]) dns.records.delete(record.name)
    dns.records.set(silent.record.name, 'SERVFAIL')
    dns.questions.length = 0
    assert.equal(await checkDomains(database, lookUpTxt), 2)
    const statuses = await Promise.all([gone, missing, silent, kept, fresh].map(({ id }) => here.get(id)))
    assert.deepEqual(
      statuses.map(({ status }) => status),
      ['pending', 'verified', 'pending', 'verified', 'verified'],
    )
    assert.ok(!dns.questions.includes(fresh.record.name))
    // The look-up is noted: it is not repeated before tomorrow.
    assert.equal(await checkDomains(database, lookUpTxt), 0)
    assert.deepEqual((await eventsOf(here.organization)).filter(([action]) => action === 'domain.lapse').length, 2)
  })
})
