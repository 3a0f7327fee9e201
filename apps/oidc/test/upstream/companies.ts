import assert from 'node:assert/strict'
import { upstreamClientSecrets } from '@daytona-auth/accounts/upstream-client-secrets'
import { newId, type OrganizationId } from '@daytona-auth/db/core'
import type { Scope } from '@daytona-auth/testing'
import { type Answer, send, type Visitor } from '../browser/visitor.ts'
import type { Person } from '../fixture.ts'
import { answerOf, mockUpstream, providerWithUpstream } from './mock-upstream.ts'

const SECRETS_KEY = 'what secrets of organizations are sealed with in tests'

export interface Company {
  readonly organizationId: OrganizationId
  readonly domain: string
  readonly owner: Person
}

/** Starts a provider whose organizations have the mock as their identity provider. */
export async function companies(scope: Scope, env: Readonly<Record<string, string>> = {}) {
  const mock = await mockUpstream(scope)
  const { provider, open } = await providerWithUpstream(scope, {
    RESOURCE_SECRETS_KEY: SECRETS_KEY,
    OUTBOUND_NETWORKS: '127.0.0.0/8,::1/128',
    ...env,
  })
  const { $client: sql } = provider.database
  const secrets = upstreamClientSecrets([SECRETS_KEY])
  let count = 0

  /** An organization with a domain and the mock as its identity provider. */
  async function company({ isVerified = true, signIn = 'optional' } = {}): Promise<Company> {
    count += 1
    const domain = `company${count}.example`
    const owner = await provider.person()
    const { organizationId } = owner
    await sql`INSERT INTO organization_domains (id, organization_id, domain, token, verified_at, confirmed_at, checked_at)
      VALUES (${newId('dom')}, ${organizationId}, ${domain}, 'token', CASE WHEN ${isVerified}::boolean THEN now() END, now(), now())`
    const sealed = await secrets.seal('the secret of our client there', organizationId)
    await sql`INSERT INTO identity_providers (organization_id, name, issuer, client_id, sealed_client_secret, scopes, sign_in)
      VALUES (${organizationId}, ${`Company ${count}`}, ${mock.issuer}, 'daytona', ${sealed}, '{openid,email}', ${signIn})`
    return { organizationId, domain, owner }
  }

  /** A person with a password and an address in the domain. */
  async function employee({ domain }: Company): Promise<Person> {
    return moveInto(domain, await provider.person())
  }

  /** Gives a person an address in a domain. */
  async function moveInto(domain: string, person: Person): Promise<Person> {
    const email = `${person.userId}@${domain}`
    await sql`UPDATE users SET email = ${email} WHERE id = ${person.userId}`
    return { ...person, email }
  }

  /** Enters an address on the sign-in page, and returns the answer to that. */
  async function enter(email: string): Promise<{ visit: Visitor; answer: Answer }> {
    const { visit, page } = await open()
    return { visit, answer: await send(visit, page, 'organization', { email, password: '' }) }
  }

  /** Enters an address, signs in at the provider as the person of `claims`, and comes back. */
  async function signIn(email: string, claims: Record<string, unknown> = {}) {
    mock.claims = { sub: `subject of ${email}`, email, email_verified: true, ...claims }
    const { visit, answer } = await enter(email)
    assert.equal(answer.status, 200, answer.html)
    assert.ok(answer.location)
    return {
      visit,
      authorization: answer.location,
      end: await visit.follow(await visit.get(await answerOf(answer.location))),
    }
  }

  return { mock, provider, sql, open, company, employee, moveInto, enter, signIn }
}
