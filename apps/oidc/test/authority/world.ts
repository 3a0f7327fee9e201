import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { type AuditedTx, inAudit, systemAuthority } from '@daytona-auth/db/audit'
import type { OrganizationId } from '@daytona-auth/db/core'
import { createMailedToken } from '@daytona-auth/db/users'
import type { Scope } from '@daytona-auth/testing'
import { organizationOf } from '../browser/harness.ts'
import { createOutbox } from '../browser/outbox.ts'
import { arrive, authorizationRequest, inputOf, send, type Visitor, visitor } from '../browser/visitor.ts'
import { browser, PASSWORD, type Person, post, type TestClient, testProvider } from '../fixture.ts'

const TEST_AUTHORITY = systemAuthority('test')
const MANY = '100000'
export const SCOPE = 'openid offline_access read:sandboxes'

/** The state that a step depends on. */
export interface Scene {
  readonly person: Person
  readonly organization: OrganizationId
  readonly client: TestClient
}

/** A prepared writing step. */
export interface Ready extends Scene {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly visit?: Visitor
  readonly form?: Record<string, string>
  /** The client's authentication. */
  readonly headers?: Record<string, string>
}

export type World = Awaited<ReturnType<typeof createWorld>>

/** A provider without low limits, and the ways to the pages and forms of its steps. */
export async function createWorld(scope: Scope) {
  const outbox = await createOutbox(scope)
  const provider = await testProvider(scope, {
    env: {
      ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: MANY,
      DEVICE_CODES_ADDRESS_LIMIT: MANY,
      USER_CODE_GUESSES_ADDRESS_LIMIT: MANY,
      OUTBOX_DIR: outbox.directory,
    },
  })
  const { issuer, database } = provider
  const sql = database.$client

  const inTestTransaction = <T>(change: (tx: AuditedTx) => Promise<T>) => inAudit(database, TEST_AUTHORITY, [], change)

  async function createScene(type: 'web' | 'native' = 'web'): Promise<Scene> {
    const person = await provider.person()
    const organization = await organizationOf(provider, person, 'Shared')
    await sql`INSERT INTO organization_members (organization_id, user_id, role)
      VALUES (${organization}, ${developer.userId}, 'owner')`
    return { person, organization, client: await createClient(type) }
  }
  const developer = await provider.person('Developer')
  const createClient = (type: 'web' | 'native') =>
    provider.client(developer, {
      type,
      ...(type === 'native' && { redirectUris: ['http://127.0.0.1/callback'] }),
      scopes: SCOPE.split(' '),
    })

  const buildAuthorization = ({ client }: Scene, more: Record<string, string> = {}) =>
    authorizationRequest(issuer, {
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      scope: SCOPE,
      prompt: 'consent',
      ...more,
    })

  async function openSignInPage(at: Scene) {
    const visit = visitor(issuer)
    const page = await arrive(visit, buildAuthorization(at))
    return { visit, page, start: page.url.pathname }
  }

  async function openConsentPage(at: Scene) {
    const { visit, page } = await openSignInPage(at)
    const consent = await visit.follow(
      await send(visit, page, 'sign-in', { email: at.person.email, password: PASSWORD }),
    )
    assert.match(consent.html, /name="decision"/)
    return { visit, page: consent, start: consent.url.pathname.replace(/\/consent$/, '') }
  }

  /** Submits a consent page and stops at the redirect that resumes the authorization. */
  async function submitConsent(at: Scene) {
    const { visit, page } = await openConsentPage(at)
    const answer = await send(visit, page, 'consent', { decision: 'allow', organization: at.organization })
    assert.ok(answer.location, answer.html)
    return { visit, resume: answer.location.pathname }
  }

  /** Signs in on an account page, whose form it prepares. */
  async function prepareAccountForm(at: Scene, path: string, fields: Record<string, string>): Promise<Ready> {
    const visit = visitor(issuer)
    const signIn = await visit.follow(await visit.get(path))
    const page = await visit.follow(
      await send(visit, signIn, 'sign-in', { email: at.person.email, password: PASSWORD }),
    )
    return { ...at, method: 'POST', path, visit, form: { csrf: inputOf(page, 'csrf'), ...fields } }
  }

  /** Signs in to the client of a scene in another browser. */
  const signInElsewhere = async ({ person, client }: Scene) => {
    const { code } = await browser(provider, person).authorize(client, { scope: SCOPE })
    assert.ok(code)
  }

  async function requestDeviceCode(at: Scene) {
    const { body } = await post(provider, '/oauth/device_authorization', at.client, { scope: SCOPE })
    return { deviceCode: body['device_code'] ?? '', userCode: body['user_code'] ?? '' }
  }

  let addresses = 0
  const nextAddress = () => {
    addresses += 1
    return `another${addresses}@example.com`
  }

  /** Stores a mailed token of a person, and returns it. */
  async function createToken(
    { person: { userId, email } }: Scene,
    purpose: Parameters<typeof createMailedToken>[2],
    newEmail?: string,
  ) {
    const token = randomBytes(32).toString('base64url')
    const expiresAt = new Date(Date.now() + 60_000)
    const mail = {
      email,
      tokenDigest: hash('sha256', token, 'buffer'),
      expiresAt,
      ...(newEmail !== undefined && { newEmail }),
    }
    await inTestTransaction((tx) => createMailedToken(tx, userId, purpose, mail))
    return token
  }

  return {
    provider,
    sql,
    developer,
    inTestTransaction,
    createScene,
    openSignInPage,
    openConsentPage,
    submitConsent,
    buildAuthorization,
    prepareAccountForm,
    signInElsewhere,
    requestDeviceCode,
    nextAddress,
    createToken,
  }
}
