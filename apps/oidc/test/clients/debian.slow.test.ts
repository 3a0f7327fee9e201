import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { freePort, waitFor } from '@daytona-auth/testing'
import { answerDevice } from '../browser/device.ts'
import { inputOf, visitor } from '../browser/visitor.ts'
import { testProvider, userinfo } from '../fixture.ts'
import { personAt } from './foreign-app.ts'

// Clients that Debian packages, each configured as in its own documentation.

const provider = await testProvider({ after }, { env: { OUTBOUND_NETWORKS: '127.0.0.0/8' } })
const { issuer } = provider
const person = await provider.person()

it('mod_auth_openidc signs a person in to a directory of Apache, refreshes its token and signs out', async (t) => {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const client = await provider.client(person, {
    redirectUris: [`${origin}/callback`],
    postLogoutRedirectUris: [`${origin}/bye.html`],
    backchannelLogoutUri: `${origin}/callback?logout=backchannel`,
  })
  const root = await mkdtemp(join(tmpdir(), 'daytona-auth-apache-'))
  await mkdir(join(root, 'www'))
  await writeFile(join(root, 'www/page.html'), 'the page')
  await writeFile(join(root, 'www/renewed.html'), 'renewed')
  await writeFile(join(root, 'www/bye.html'), 'signed out')
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'auth_openidc']
  await writeFile(
    join(root, 'apache.conf'),
    `ServerRoot ${root}
ServerName 127.0.0.1
PidFile ${root}/apache.pid
ErrorLog ${root}/error.log
Listen 127.0.0.1:${port}
User www-data
Group www-data
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
DocumentRoot ${root}/www
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${client.clientId}
OIDCClientSecret ${client.secret}
OIDCRedirectURI ${origin}/callback
OIDCCryptoPassphrase passphrase-of-the-server
OIDCScope "openid profile email offline_access"
OIDCRemoteUserClaim email
OIDCPassRefreshToken On
<Location />
  AuthType openid-connect
  # Also without the headers of a browser's navigation.
  OIDCUnAuthAction auth true
  Require valid-user
  Header set X-Remote-User "expr=%{REMOTE_USER}"
  Header set X-Token "expr=%{reqenv:OIDC_access_token}"
</Location>
<Location /renewed.html>
  # Any token is too old here.
  OIDCRefreshAccessTokenBeforeExpiry 7200
</Location>
<Location /bye.html>
  Require all granted
</Location>
`,
  )
  await chmod(root, 0o755)
  const apache = spawn('/usr/sbin/apache2', ['-f', join(root, 'apache.conf'), '-D', 'FOREGROUND'], { stdio: 'ignore' })
  t.after(async () => {
    apache.kill()
    await once(apache, 'exit')
    await rm(root, { recursive: true, force: true })
  })
  await waitFor(async () => (await fetch(`${origin}/page.html`, { redirect: 'manual' })).status === 302, 60_000)
  const log = () => readFile(join(root, 'error.log'), 'utf8')
  const browser = personAt(provider, origin, person)
  const page = await browser.open(`${origin}/page.html`)
  assert.deepEqual(
    [page.status, page.html, page.headers.get('x-remote-user')],
    [200, 'the page', person.email],
    await log(),
  )
  const token = page.headers.get('x-token') ?? ''
  assert.equal((await userinfo(provider, token)).status, 200)

  const renewed = (await browser.open(`${origin}/renewed.html`)).headers.get('x-token') ?? ''
  assert.notEqual(renewed, token, await log())
  assert.equal((await userinfo(provider, renewed)).status, 200)

  const left = await browser.open(`${origin}/callback?logout=${encodeURIComponent(`${origin}/bye.html`)}`)
  assert.deepEqual([left.url.href, left.html], [`${origin}/bye.html`, 'signed out'], await log())
  assert.equal((await userinfo(provider, renewed)).status, 401)
  const again = await browser.at(new URL(origin)).get(`${origin}/page.html`)
  assert.equal(again.location?.origin, issuer)

  // A sign-out at the provider ends the session of Apache by the back channel.
  await browser.open(`${origin}/page.html`)
  const at = browser.at(new URL(issuer))
  await at.post('/oauth/logout/confirm', { xsrf: inputOf(await at.get('/oauth/logout'), 'xsrf'), logout: 'yes' })
  await waitFor(async () => (await browser.at(new URL(origin)).get(`${origin}/page.html`)).location?.origin === issuer)
})

it('Authlib signs a person in, reads userinfo, refreshes and revokes', async (t) => {
  const redirectUri = 'https://app.example.com/callback'
  const client = await provider.client(person, { redirectUris: [redirectUri] })
  const program = join(import.meta.dirname, 'apps/authlib-session.py')
  const child = spawn('/usr/bin/python3', [program], {
    env: { ISSUER: issuer, CLIENT_ID: client.clientId, CLIENT_SECRET: client.secret, REDIRECT_URI: redirectUri },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill())
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => JSON.parse((await lines.next()).value ?? '{}')
  const { open } = await next()
  const callback = await personAt(provider, 'https://app.example.com', person).until(open, redirectUri)
  child.stdin.write(`${callback.href}\n`)
  assert.deepEqual(await next(), { before: person.userId, after: person.email, revoked: 401 })
})

describe('oidc-agent', async () => {
  const root = await mkdtemp(join(tmpdir(), 'daytona-auth-agent-'))
  const socket = join(root, 'agent.sock')
  const env = { PATH: process.env['PATH'], HOME: root, OIDC_SOCK: socket, OIDC_CONFIG_DIR: root }
  const agent = spawn('oidc-agent', ['--console', `--socket-path=${socket}`, '--no-autoload'], { env, stdio: 'ignore' })
  after(async () => {
    agent.kill()
    await once(agent, 'exit')
    await rm(root, { recursive: true, force: true })
  })
  await waitFor(async () => (await stat(socket)).isSocket())

  /** Starts the set-up of an account, and returns what it prints and its end. */
  function generate(name: string, flow: 'code' | 'device', redirectUri: string, clientId: string) {
    const generating = spawn(
      'oidc-gen',
      [
        `--flow=${flow}`,
        `--iss=${issuer}`,
        `--client-id=${clientId}`,
        '--client-secret=',
        `--redirect-uri=${redirectUri}`,
        '--scope=openid offline_access email',
        '--pw-cmd=echo password',
        '--prompt=none',
        '--confirm-default',
        '--no-url-call',
        '--no-scheme',
        name,
      ],
      { env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const exited = once(generating, 'exit')
    let output = ''
    for (const stream of [generating.stdout, generating.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    return {
      printed: (pattern: RegExp) => waitFor(() => pattern.exec(output)?.[1], 30_000),
      output: () => output,
      exited,
    }
  }

  const run = async (program: string, ...options: string[]) =>
    (await promisify(execFile)(program, options, { env })).stdout.trim()

  /** Uses the token of an account, renews it, and deletes the account, which revokes its access. */
  async function useAndDelete(name: string) {
    const first = await run('oidc-token', name)
    assert.equal((await userinfo(provider, first)).status, 200)
    const renewed = await run('oidc-token', '--force-new', name)
    assert.notEqual(renewed, first)
    assert.equal((await userinfo(provider, renewed)).status, 200)
    await run('oidc-gen', '--delete', '--pw-cmd=echo password', '--confirm-yes', name)
    assert.equal((await userinfo(provider, renewed)).status, 401)
  }

  it('signs a person in by the device flow, refreshes and revokes', async () => {
    const redirectUri = 'http://localhost:4242'
    const client = await provider.client(person, { type: 'native', redirectUris: [redirectUri] })
    const { printed, output, exited } = generate('device', 'device', redirectUri, client.clientId)
    await answerDevice(visitor(issuer), await printed(/\b([A-Z0-9]{4}-[A-Z0-9]{4})\b/), person)
    assert.equal((await exited)[0], 0, output())
    await useAndDelete('device')
  })

  it('signs a person in by its browser, refreshes and revokes', async () => {
    const redirectUri = `http://localhost:${await freePort()}`
    const client = await provider.client(person, { type: 'native', redirectUris: [redirectUri] })
    const { printed, output, exited } = generate('code', 'code', redirectUri, client.clientId)
    const open = await printed(/(http\S+\/oauth\/authorize\S+)/)
    const page = await personAt(provider, redirectUri, person).open(open)
    assert.equal(page.status, 200, page.html)
    assert.equal((await exited)[0], 0, output())
    await useAndDelete('code')
  })
})
