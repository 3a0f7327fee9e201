import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { ACR } from '@daytona-auth/protocol/authentication-context'
import { waitFor } from '@daytona-auth/testing'
import { isDenied } from '../src/principal/result.ts'
import { ADDRESS, claimsOf, sign, type TestVerifier, verifierOn, world } from './world.ts'

/** Two processes on one database. */
const here = await world({ after })
const { sql } = here
const signer = await here.signer()
await here.publish(signer)
const both = [await verifierOn({ after }, here.url), await verifierOn({ after }, here.url)]
const ISSUER = 'https://login.example'
const DENIED = 'other-sign-in-required'

async function state({ verifier }: TestVerifier, credential: string): Promise<string> {
  const answer = await verifier.verify(credential, ADDRESS)
  return isDenied(answer) ? answer.reason : 'allowed'
}

/** Loads a credential into both caches: answered synchronously, as `expected`. */
async function warm(credential: string, expected: string): Promise<void> {
  await Promise.all(both.map((process) => process.caughtUp()))
  for (const process of both) {
    assert.equal(await state(process, credential), expected)
    assert.ok(!(process.verifier.verify(credential, ADDRESS) instanceof Promise), 'not cached')
  }
}

const becomes = async (credential: string, expected: string): Promise<void> => {
  for (const process of both) await waitFor(async () => (await state(process, credential)) === expected)
}

interface Scene {
  readonly company: string
  readonly domain: string
  readonly user: string
}
type Change = (scene: Scene) => Promise<unknown>

const provider =
  (signIn: string): Change =>
  ({ company }) =>
    sql`
    INSERT INTO identity_providers (organization_id, name, issuer, client_id, sealed_client_secret, scopes, sign_in)
    VALUES (${company}, 'Login', ${ISSUER}, 'daytona', 'sealed', '{openid}', ${signIn})`
const domain =
  (isVerified: boolean): Change =>
  ({ company, domain: name }) =>
    sql`
    INSERT INTO organization_domains (id, organization_id, domain, token, verified_at)
    VALUES (${`dom_${company}`}, ${company}, ${name}, 'token', CASE WHEN ${isVerified}::boolean THEN now() END)`
const owner: Change = ({ company, user }) => sql`
  INSERT INTO organization_members (organization_id, user_id, role) VALUES (${company}, ${user}, 'owner')`
const authenticatorApp: Change = ({ user }) => sql`
  INSERT INTO totp_factors (user_id, secret, last_step) VALUES (${user}, 'encrypted', 0)`
const passkey: Change = ({ user }) => sql`
  INSERT INTO passkeys (id, user_id, public_key, counter, is_synchronized) VALUES (${user}, ${user}, '', 0, false)`
const setRule =
  (rule: string): Change =>
  ({ company }) =>
    sql`UPDATE identity_providers SET sign_in = ${rule} WHERE organization_id = ${company}`
const removeProvider: Change = ({ company }) => sql`DELETE FROM identity_providers WHERE organization_id = ${company}`
const setIssuer: Change = ({ company }) =>
  sql`UPDATE identity_providers SET issuer = 'https://other.example' WHERE organization_id = ${company}`
const verify: Change = ({ domain: name }) =>
  sql`UPDATE organization_domains SET verified_at = now() WHERE domain = ${name}`
const lapse: Change = ({ domain: name }) =>
  sql`UPDATE organization_domains SET verified_at = NULL WHERE domain = ${name}`

const OF_PASSWORD = { acr: ACR.password }
const OF_FACTORS = { acr: ACR.multiFactor }
const ofProvider = ({ company }: Scene) => ({ identity: { organizationId: company, issuer: ISSUER, subject: 'x' } })

interface Case {
  /** What is there before. */
  readonly given: readonly Change[]
  readonly change: Change
  /** How the user of the token signed in; by default with a password. */
  readonly signIn?: (scene: Scene) => object
  readonly becomes: 'allowed' | typeof DENIED
}

const denied = (given: readonly Change[], change: Change, signIn?: Case['signIn']): Case => ({
  given,
  change,
  becomes: DENIED,
  ...(signIn && { signIn }),
})
const allowed = (given: readonly Change[], change: Change): Case => ({ given, change, becomes: 'allowed' })

const CASES: Record<string, Case> = {
  'the organization of its domain requires its identity provider': denied(
    [domain(true), provider('optional')],
    setRule('required'),
  ),
  'the organization sets one that it requires': denied([domain(true)], provider('required')),
  'the organization verifies the domain later': denied([domain(false), provider('required')], verify),
  'the organization gets a verified domain': denied([provider('required')], domain(true)),
  'its user changes to an address of the domain': denied(
    [
      domain(true),
      provider('required'),
      ({ user }) => sql`UPDATE users SET email = ${`${user}@elsewhere.example`} WHERE id = ${user}`,
    ],
    ({ user, domain: name }) => sql`UPDATE users SET email = ${`${user}@${name}`} WHERE id = ${user}`,
  ),
  'the required provider has another issuer': denied([domain(true), provider('required')], setIssuer, ofProvider),
  'the provider of the sign-in is removed': denied([domain(true), provider('optional')], removeProvider, ofProvider),
  'the provider is removed after the domain lapsed': denied(
    [domain(false), provider('optional')],
    removeProvider,
    ofProvider,
  ),
  'an owner becomes a member': denied(
    [domain(true), provider('required'), owner, authenticatorApp],
    ({ user, company }) => sql`UPDATE organization_members SET role = 'member'
      WHERE user_id = ${user} AND organization_id = ${company}`,
    () => OF_FACTORS,
  ),
  'an owner loses the authenticator app': denied(
    [domain(true), provider('required'), owner, authenticatorApp],
    ({ user }) => sql`DELETE FROM totp_factors WHERE user_id = ${user}`,
    () => OF_FACTORS,
  ),
  'an owner loses the passkey': denied(
    [domain(true), provider('required'), owner, passkey],
    ({ user }) => sql`DELETE FROM passkeys WHERE user_id = ${user}`,
    () => OF_FACTORS,
  ),
  'the rule is taken back': allowed([domain(true), provider('required')], setRule('optional')),
  'the required provider is removed': allowed([domain(true), provider('required')], removeProvider),
  'the domain lapses': allowed([domain(true), provider('required')], lapse),
  'the domain is removed': allowed(
    [domain(true), provider('required')],
    ({ domain: name }) => sql`DELETE FROM organization_domains WHERE domain = ${name}`,
  ),
}

describe('an access token of another sign-in, in two processes', () => {
  let count = 0
  for (const [what, { given, change, signIn = () => OF_PASSWORD, becomes: expected }] of Object.entries(CASES)) {
    it(`is ${expected === DENIED ? 'refused' : 'accepted again'} when ${what}`, async () => {
      count += 1
      const company = await here.organization(await here.user())
      // A member of another organization only: who owns the domain decides.
      const user = await here.user()
      const home = await here.organization(user)
      const scene: Scene = { company, user, domain: `company${count}.example` }
      await sql`UPDATE users SET email = ${`${user}@${scene.domain}`} WHERE id = ${user}`
      for (const each of given) await each(scene)
      const clientId = await here.client()
      const grantId = await here.grant(user, clientId, { scopes: ['openid'], organizationIds: [home] })
      await sql`UPDATE grants SET payload = payload || ${JSON.stringify(signIn(scene))}::text::jsonb WHERE id = ${grantId}`
      const token = await sign(signer, claimsOf({ userId: user, clientId, grantId }))
      const { key } = await here.key(user, home, { permissions: ['read:sandboxes'] })
      await warm(token, expected === DENIED ? 'allowed' : DENIED)
      await warm(key, 'allowed')
      await change(scene)
      await becomes(token, expected)
      // Keys stay: the administrators of their organization list and revoke them.
      await becomes(key, 'allowed')
    })
  }
})
