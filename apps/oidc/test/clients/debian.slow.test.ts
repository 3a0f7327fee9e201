import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, it } from 'node:test'
import { promisify } from 'node:util'
import { freePort, waitFor } from '@daytona-auth/testing'
import { answerDevice } from '../browser/device.ts'
import { visitor } from '../browser/visitor.ts'
import { testProvider, userinfo } from '../fixture.ts'
import { personAt } from './foreign-app.ts'

// Clients that Debian packages, each configured as in its own documentation.

const provider = await testProvider({ after })
const { issuer } = provider
const person = await provider.person()

it('mod_auth_openidc signs a person in to a directory of Apache', async (t) => {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const client = await provider.client(person, { redirectUris: [`${origin}/callback`] })
  const root = await mkdtemp(join(tmpdir(), 'daytona-auth-apache-'))
  await mkdir(join(root, 'www'))
  await writeFile(join(root, 'www/page.html'), 'the page')
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
OIDCScope "openid profile email"
OIDCRemoteUserClaim email
<Location />
  AuthType openid-connect
  # Also without the headers of a browser's navigation.
  OIDCUnAuthAction auth true
  Require valid-user
  Header set X-Remote-User "expr=%{REMOTE_USER}"
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
  const page = await personAt(provider, origin, person).open(`${origin}/page.html`)
  const log = await readFile(join(root, 'error.log'), 'utf8')
  assert.deepEqual([page.status, page.html, page.headers.get('x-remote-user')], [200, 'the page', person.email], log)
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

it('oidc-agent signs a person in by the device flow, and refreshes', async (t) => {
  const client = await provider.client(person, { type: 'native', redirectUris: ['http://localhost:4242'] })
  const root = await mkdtemp(join(tmpdir(), 'daytona-auth-agent-'))
  const socket = join(root, 'agent.sock')
  const env = { PATH: process.env['PATH'], HOME: root, OIDC_SOCK: socket, OIDC_CONFIG_DIR: root }
  const agent = spawn('oidc-agent', ['--console', `--socket-path=${socket}`, '--no-autoload'], { env, stdio: 'ignore' })
  t.after(async () => {
    agent.kill()
    await once(agent, 'exit')
    await rm(root, { recursive: true, force: true })
  })
  await waitFor(async () => (await stat(socket)).isSocket())
  const account = [
    '--flow=device',
    `--iss=${issuer}`,
    `--client-id=${client.clientId}`,
    '--client-secret=',
    '--redirect-uri=http://localhost:4242',
    '--scope=openid offline_access email',
    '--pw-cmd=echo password',
    '--prompt=none',
    '--confirm-default',
    'daytona',
  ]
  const generating = spawn('oidc-gen', account, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(generating, 'exit')
  let output = ''
  for (const stream of [generating.stdout, generating.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const [, code = ''] = await waitFor(() => /\b([A-Z0-9]{4}-[A-Z0-9]{4})\b/.exec(output), 30_000)
  await answerDevice(visitor(issuer), code, person)
  const [exitCode] = await exited
  assert.equal(exitCode, 0, output)
  const token = async (...options: string[]) =>
    (await promisify(execFile)('oidc-token', [...options, 'daytona'], { env })).stdout.trim()
  const first = await token()
  assert.equal((await userinfo(provider, first)).status, 200)
  const renewed = await token('--force-new')
  assert.notEqual(renewed, first)
  assert.equal((await userinfo(provider, renewed)).status, 200)
})
