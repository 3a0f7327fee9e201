import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { opensslMissing } from '@daytona-auth/testing'
import { type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import { inputOf, visitor } from '../browser/visitor.ts'
import { documentServer } from '../document-server.ts'
import { claimsOf, PASSWORD, type Person, testProvider } from '../fixture.ts'
import { resourceServersOf } from '../resource-servers.ts'
import { startForeignApp } from './foreign-app.ts'

const REDIRECT_URI = 'http://127.0.0.1:8931/callback'
const METADATA = {
  client_name: 'MCP client',
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

/** What a program that uses the SDK implements: storage, and a browser. */
class ProgramWithBrowser implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT_URI
  readonly clientMetadata = METADATA
  readonly clientMetadataUrl?: string
  opened: URL | undefined
  information: OAuthClientInformationMixed | undefined
  stored: OAuthTokens | undefined
  #verifier = ''

  constructor(clientMetadataUrl?: string) {
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl
  }

  clientInformation = () => this.information
  saveClientInformation(information: OAuthClientInformationMixed) {
    this.information = information
  }
  tokens = () => this.stored
  saveTokens(tokens: OAuthTokens) {
    this.stored = tokens
  }
  redirectToAuthorization(url: URL) {
    this.opened = url
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier
  }
  codeVerifier = () => this.#verifier
  invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery') {
    if (scope === 'all' || scope === 'client') this.information = undefined
    if (scope === 'all' || scope === 'tokens') this.stored = undefined
  }
}

describe('a client of the official MCP SDK, unmodified, at an MCP server behind our middleware,', {
  skip: opensslMissing(),
}, async () => {
  if (opensslMissing()) return
  const documents = await documentServer({ after })
  const env = { CLIENT_ID_METADATA_DOCUMENTS: 'true', CLIENT_REGISTRATION: 'open', OUTBOUND_NETWORKS: '127.0.0.0/8' }
  const provider = await testProvider({ after }, { env })
  const person = await provider.person()
  const { origin } = await startForeignApp({ after }, provider, person, { program: 'mcp-server.mjs', callback: '/' })
  const server = new URL('/mcp', origin)
  await resourceServersOf(provider).create(person, {
    identifier: server.href,
    scopes: [{ name: 'notes:read', description: 'Read your notes' }],
  })

  /** Signs in and allows everything, in a browser of its own. Returns the URL at the program. */
  async function approve(url: URL, { email }: Person): Promise<{ callback: URL; consent: string }> {
    const at = visitor(provider.issuer)
    let page = await at.follow(await at.get(url))
    let consent = ''
    for (let pages = 0; pages < 4 && page.location === undefined; pages += 1) {
      const uid = /\/oauth\/interaction\/([^/"]+)/.exec(page.html)?.[1]
      const csrf = inputOf(page, 'csrf')
      if (page.html.includes('name="decision"')) {
        consent = page.html
        const scope = [...page.html.matchAll(/name="scope" value="([^"]*)"/g)].map(([, name]) => name ?? '')
        const resource = inputOf(page, 'resource')
        page = await at.post(`/oauth/interaction/${uid}/consent`, { csrf, decision: 'allow-chosen', resource, scope })
      } else page = await at.post(`/oauth/interaction/${uid}/sign-in`, { csrf, email, password: PASSWORD })
      page = await at.follow(page)
    }
    assert.ok(page.location, page.html)
    return { callback: page.location, consent }
  }

  async function whoami(program: ProgramWithBrowser): Promise<unknown> {
    const client = new Client({ name: 'test', version: '1.0.0' })
    await client.connect(new StreamableHTTPClientTransport(server, { authProvider: program }) as never)
    try {
      const { content } = await client.callTool({ name: 'whoami', arguments: {} })
      const [first] = content as { text: string }[]
      return JSON.parse(first?.text ?? '')
    } finally {
      await client.close()
    }
  }

  async function signIn(program: ProgramWithBrowser): Promise<string> {
    const transport = new StreamableHTTPClientTransport(server, { authProvider: program })
    const client = new Client({ name: 'test', version: '1.0.0' })
    await assert.rejects(client.connect(transport as never), UnauthorizedError)
    assert.ok(program.opened)
    assert.equal(program.opened.searchParams.get('resource'), server.href)
    const { callback, consent } = await approve(program.opened, person)
    assert.ok(callback.href.startsWith(REDIRECT_URI), callback.href)
    assert.equal(callback.searchParams.get('iss'), provider.issuer)
    await transport.finishAuth(callback.searchParams.get('code') ?? '')
    return consent
  }

  const WAYS: Record<string, { program: () => ProgramWithBrowser; caution: RegExp; clientId: RegExp }> = {
    'by a metadata document': {
      program: () => new ProgramWithBrowser(documents.publish('/mcp-client', METADATA)),
      caution: new RegExp(`App of ${new URL(documents.origin).host}, not verified`),
      clientId: new RegExp(`^${documents.origin}/mcp-client$`),
    },
    'by dynamic registration': {
      program: () => new ProgramWithBrowser(),
      caution: /App that registered itself, not verified/,
      clientId: /^app_/,
    },
  }
  for (const [how, { program: start, caution, clientId }] of Object.entries(WAYS)) {
    it(`signs a person in, calls a tool and refreshes its token: ${how}`, async () => {
      const program = start()
      assert.match(await signIn(program), caution)
      assert.match(program.information?.client_id ?? '', clientId)
      const { access_token: first } = program.stored ?? {}
      assert.equal(claimsOf(first)['aud'], server.href)
      assert.equal(await whoami(program), person.userId)

      // A token that is refused makes the SDK refresh it.
      program.stored = { ...program.stored, access_token: 'expired', token_type: 'Bearer' }
      program.opened = undefined
      assert.equal(await whoami(program), person.userId)
      assert.equal(program.opened, undefined, 'the person was not asked again')
      assert.notEqual(program.stored?.access_token, first)
    })
  }

  it('is asked to sign in again once its access was taken back', async () => {
    const program = new ProgramWithBrowser()
    await signIn(program)
    await provider.database.$client`DELETE FROM oidc_clients WHERE id = ${program.information?.client_id ?? ''}`
    program.opened = undefined
    program.stored = { ...program.stored, access_token: 'expired', token_type: 'Bearer' }
    await assert.rejects(whoami(program), UnauthorizedError)
    assert.ok(program.opened)
  })
})
