import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'
import { registryPasswords } from '@daytona-auth/accounts/registry-passwords'
import type { RegistryId } from '@daytona-auth/db/core'
import { migrate } from '@daytona-auth/db/operations'
import { createUser } from '@daytona-auth/db/users'
import { hashPassword } from '@daytona-auth/oidc'
import { type Scope, testDatabase } from '@daytona-auth/testing'
import { type Part, type RollingDeployment, readSecret, startRollingDeployment } from './rolling-deployment.ts'
import { createRotationLoad, PERSON, type RotationLoad } from './rotation-load.ts'

const RUNBOOK = join(import.meta.dirname, '../../../docker/runbooks/rotate-secrets.md')
const COMMAND = join(import.meta.dirname, '../../ops/src/main.ts')
const OLD = {
  'cookie-keys': 'cookie key until the rotation of this test',
  'signing-keys-secret': 'signing keys secret until the rotation',
  'resource-secrets-key': 'resource secrets key until the rotation',
  'api-database-password': 'password-until-the-rotation',
}
const FILES = {
  api: { DATABASE_URL: 'api-database-url', RESOURCE_SECRETS_KEY: 'resource-secrets-key' },
  oidc: {
    DATABASE_URL: 'oidc-database-url',
    SIGNING_KEYS_SECRET: 'signing-keys-secret',
    COOKIE_KEYS: 'cookie-keys',
    RESOURCE_SECRETS_KEY: 'resource-secrets-key',
  },
} as const
const ENV = {
  LOG_LEVEL: 'warn',
  REQUESTS_PER_MINUTE: '1000000',
  ANONYMOUS_AUTHORIZATIONS_ADDRESS_LIMIT: '1000000',
}

/** Creates a database whose roles have names of their own: roles belong to the whole server. */
async function createDatabase(scope: Scope) {
  const { url, database, name, asAdministrator } = await testDatabase(scope)
  const prefix = name.replace('test_', 'rotation_')
  const roles = { api: `${prefix}_api`, provider: `${prefix}_oidc` }
  for (const role of Object.values(roles)) {
    await asAdministrator((sql) => sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${OLD['api-database-password']}'`))
  }
  scope.after(() =>
    asAdministrator(async (sql) => {
      for (const role of [...Object.values(roles), `${roles.api}_b`]) await sql.unsafe(`DROP ROLE IF EXISTS ${role}`)
    }),
  )
  await migrate(url, { roles })
  const urlOf = (username: string) =>
    Object.assign(new URL(url), { username, password: OLD['api-database-password'] }).href
  const urls = { 'database-url': url, 'api-database-url': urlOf(roles.api), 'oidc-database-url': urlOf(roles.provider) }
  return { url, database, prefix, roles, urls }
}

/** Writes the programs that the runbook expects. `restart` restarts a part of the deployment, by a request to this process. */
async function writePrograms(
  scope: Scope,
  deployment: RollingDeployment,
  restart: (part: Part) => Promise<void>,
): Promise<string> {
  const server = createServer((request, response) => {
    restart(request.url?.slice(1) as Part).then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  scope.after(() => server.close())
  const { port } = server.address() as AddressInfo // it listens on TCP
  const folder = join(deployment.secrets, '../bin')
  await mkdir(folder)
  const call = `const answer = await fetch('http://127.0.0.1:${port}/' + process.argv[1]); if (!answer.ok) throw new Error(await answer.text())`
  const programs = {
    restart: `exec '${process.execPath}' --input-type=module -e "${call}" "$1"`,
    'daytona-auth': `exec '${process.execPath}' '${COMMAND}' "$@"`,
  }
  for (const [name, line] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${line}\n`)
    await chmod(join(folder, name), 0o755)
  }
  return folder
}

/** Returns the commands of the runbook, of which the first block is needed by the others. */
async function readCommands(): Promise<{ preparation: string; rotations: string[] }> {
  const text = await readFile(RUNBOOK, 'utf8')
  const [preparation = '', ...rotations] = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, code = '']) => code)
  return { preparation, rotations }
}

/** Runs a restart while people are on the sign-in page, and asserts that they continue. */
async function restartUnderLoad(load: RotationLoad, deployment: RollingDeployment, part: Part): Promise<void> {
  await load.waitForMore()
  const opened = await Promise.all([load.openSignIn(), load.openSignIn()])
  await deployment.restart(part)
  for (const finish of opened) await finish()
  await load.waitForMore()
}

it('no request fails while every secret is replaced as the runbook says', async (t) => {
  const { url, database, prefix, roles, urls } = await createDatabase(t)
  const passwordHash = await hashPassword(PERSON.password)
  await createUser(database, { email: PERSON.email, name: 'Ada', passwordHash }, { source: 'test' })
  const deployment = await startRollingDeployment(t, { secrets: { ...OLD, ...urls }, files: FILES, env: ENV })
  const load = await createRotationLoad(deployment)
  const bin = await writePrograms(t, deployment, (part) => restartUnderLoad(load, deployment, part))
  const { preparation, rotations } = await readCommands()
  assert.equal(rotations.length, 4)
  const { hostname, port, username, password, pathname } = new URL(url)
  const env = {
    PATH: `${bin}:${process.env['PATH']}`,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  }
  const underLoad = load.begin()
  t.after(() => load.stop())
  for (const rotation of rotations) {
    const script = `set -euo pipefail\n${preparation}${rotation}`.replaceAll('daytona_auth_', `${prefix}_`)
    await promisify(execFile)('bash', ['-c', script], { cwd: deployment.secrets, env })
  }
  load.stop()
  await underLoad
  assert.deepEqual(load.failures, [])

  for (const name of ['cookie-keys', 'signing-keys-secret', 'resource-secrets-key'] as const) {
    const now = await readSecret(deployment, name)
    assert.match(now, /^[0-9a-f]{64}$/, name)
  }
  assert.match(await readSecret(deployment, 'api-database-url'), new RegExp(`//${roles.api}_b:[0-9a-f]{64}@`))
  const left = await database.$client`SELECT FROM pg_roles WHERE rolname = ${roles.api}`
  assert.equal(left.length, 0)
  // Every password that was stored during the rotation is under the new secret alone.
  const passwords = registryPasswords([await readSecret(deployment, 'resource-secrets-key')])
  const stored = await database.$client<
    { id: RegistryId; sealed: string }[]
  >`SELECT id, sealed_password AS sealed FROM registries`
  assert.equal(stored.length, load.registries.size)
  for (const { id, sealed } of stored) {
    assert.equal((await passwords.open(sealed, id))?.password, load.registries.get(id))
  }
  t.diagnostic(`${load.summary()}: 0 failures`)
})
