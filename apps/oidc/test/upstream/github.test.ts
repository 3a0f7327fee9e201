import assert from 'node:assert/strict'
import { hash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, afterEach, it } from 'node:test'
import { textOf } from '../browser/visitor.ts'
import { answerOf, providerWithUpstream } from './mock-upstream.ts'

interface Email {
  readonly email: string
  readonly primary: boolean
  readonly verified: boolean
}

/** A GitHub Enterprise Server as its documentation describes it: form and JSON, errors with the status 200, and PKCE. */
const github = {
  user: { id: 1, login: 'ada', name: 'Ada King' as string | null, email: null },
  emails: [] as Email[],
  failing: undefined as string | undefined,
  seen: [] as string[],
}
const codes = new Map<string, { challenge: string; redirectUri: string }>()
const tokens = new Set<string>()

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost')
  github.seen.push(`${request.method} ${url.pathname}`)
  if (url.pathname === github.failing) return send(response, 404, { message: 'Not Found' })
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /login/oauth/authorize':
      return authorize(url.searchParams, response)
    case 'POST /login/oauth/access_token':
      return exchange(new URLSearchParams(await text(request)), response)
    case 'GET /api/v3/user':
      return read(request, response, github.user)
    case 'GET /api/v3/user/emails':
      return read(request, response, github.emails)
    default:
      return send(response, 404, { message: 'Not Found' })
  }
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close())
after(() => server.closeAllConnections())
const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`

function send(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

function authorize(query: URLSearchParams, response: ServerResponse) {
  const code = randomUUID()
  const redirectUri = query.get('redirect_uri') ?? ''
  codes.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri })
  const callback = new URL(redirectUri)
  callback.search = new URLSearchParams({ code, state: query.get('state') ?? '' }).toString()
  response.writeHead(302, { location: callback.href }).end()
}

function exchange(form: URLSearchParams, response: ServerResponse) {
  const code = form.get('code') ?? ''
  const found = codes.get(code)
  codes.delete(code)
  const isRight =
    form.get('client_id') === 'daytona' &&
    form.get('client_secret') === 'secret of GitHub' &&
    found?.redirectUri === form.get('redirect_uri') &&
    found?.challenge === hash('sha256', form.get('code_verifier') ?? '', 'base64url')
  if (!isRight) return send(response, 200, { error: 'bad_verification_code', error_description: 'expired.' })
  const token = `gho_${randomUUID()}`
  tokens.add(token)
  return send(response, 200, { access_token: token, token_type: 'bearer', scope: 'read:user,user:email' })
}

function read({ headers }: IncomingMessage, response: ServerResponse, body: unknown) {
  if (!headers['user-agent']) return send(response, 403, { message: 'Request forbidden by administrative rules.' })
  const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
  return tokens.has(token) ? send(response, 200, body) : send(response, 401, { message: 'Bad credentials' })
}

const { provider, open, begin } = await providerWithUpstream(
  { after },
  {
    UPSTREAM_GITHUB_URL: origin,
    UPSTREAM_GITHUB_CLIENT_ID: 'daytona',
    UPSTREAM_GITHUB_CLIENT_SECRET: 'secret of GitHub',
  },
)
const { $client: sql } = provider.database

afterEach(() => {
  Object.assign(github, { emails: [], failing: undefined, seen: [] })
  github.user = { ...github.user, id: github.user.id + 1, name: 'Ada King' }
})

async function attempt(change: (callback: URL) => void = () => {}) {
  const { visit, page } = await open()
  const callback = await answerOf(await begin(visit, page, 'github'))
  change(callback)
  const answer = await visit.follow(await visit.get(callback))
  return { answer, isSignedIn: visit.cookies.some(({ name }) => name.endsWith('_session')) }
}

const email = (address: string, facts: Partial<Email> = {}): Email => ({
  email: address,
  primary: true,
  verified: true,
  ...facts,
})

it('refuses a person without a verified primary address', async () => {
  for (const emails of [
    [],
    [email('a@acme.example', { verified: false })],
    [email('a@acme.example', { primary: false })],
    [email('a@acme.example', { verified: false }), email('b@acme.example', { primary: false })],
  ]) {
    github.emails = emails
    const { answer, isSignedIn } = await attempt()
    assert.match(textOf(answer), /GitHub has not verified your email address/)
    assert.equal(isSignedIn, false)
  }
})

it('refuses another state, a redeemed code, and an API that denies the token', async () => {
  github.emails = [email('c@acme.example')]
  const forged = await attempt((callback) => callback.searchParams.set('state', 'A'.repeat(43)))
  assert.equal(forged.answer.status, 400)
  const redeemed = await attempt((callback) => codes.delete(callback.searchParams.get('code') ?? ''))
  assert.match(textOf(redeemed.answer), /The answer of GitHub could not be verified/)
  github.failing = '/api/v3/user/emails'
  assert.match(textOf((await attempt()).answer), /The answer of GitHub could not be verified/)
  github.failing = undefined
  github.user = { ...github.user, id: 0 }
  assert.match(textOf((await attempt()).answer), /The answer of GitHub could not be verified/)
})

it('shows an existing account, which has to be proven', async () => {
  const ada = await provider.person()
  github.emails = [email(ada.email)]
  const { answer, isSignedIn } = await attempt()
  assert.match(textOf(answer), /Connect GitHub/)
  assert.equal(isSignedIn, false)
})

it('creates an account by the permanent id, which a renamed person keeps', async () => {
  github.emails = [email('old@acme.example', { primary: false }), email('ada@acme.example')]
  github.user = { ...github.user, id: 583231, login: 'ada', name: null }
  assert.equal((await attempt()).isSignedIn, true)
  github.user = { ...github.user, login: 'countess' }
  github.emails = [email('new@acme.example')]
  const { answer } = await attempt()
  assert.match(textOf(answer), /ada@acme\.example/)
  assert.deepEqual(
    [...(await sql`SELECT issuer, subject, users.name FROM user_identities JOIN users ON users.id = user_id`)],
    [{ issuer: `${origin}/login/oauth`, subject: '583231', name: 'ada' }],
  )
})
