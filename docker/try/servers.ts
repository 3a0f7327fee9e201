import assert from 'node:assert/strict'
import { join } from 'node:path'
import { connect } from '@daytona-auth/db/core'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { freePort } from '@daytona-auth/testing/free-port'
import type { Buildah } from './buildah.ts'
import { startContainer } from './container.ts'
import { type Figures, stopUnderLoad } from './figures.ts'
import type { ImageName } from './images.ts'
import { useEverything } from './journey.ts'
import { startProxy } from './proxy.ts'
import { say } from './report.ts'
import { output } from './scan.ts'
import { makeSecrets, secretVariables, temporaryFolder } from './secrets.ts'

const ROLES = { API_DATABASE_ROLE: 'daytona_auth_api', PROVIDER_DATABASE_ROLE: 'daytona_auth_oidc' }

const urlOf = (server: 'api' | 'oidc') => ({ DATABASE_URL_FILE: `/run/secrets/${server}-database-url` })

/** Creates the roles of postgres/: the owner of the database, and a role that owns nothing for each server. */
export async function databaseUrls(superuser: string): Promise<{ owner: string; api: string; oidc: string }> {
  const { $client: sql } = connect(superuser, { max: 1 })
  const password = newDatabasePassword()
  try {
    for (const role of ['daytona_auth', ...Object.values(ROLES)]) {
      await sql.unsafe(`CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${password}'`)
    }
    await sql.unsafe('CREATE DATABASE daytona_auth OWNER daytona_auth')
    await sql.unsafe('REVOKE ALL ON DATABASE daytona_auth FROM PUBLIC')
  } finally {
    await sql.end()
  }
  const of = (user: string) => {
    const url = new URL(superuser)
    url.username = user
    url.password = password
    url.pathname = '/daytona_auth'
    return url.href
  }
  return { owner: of('daytona_auth'), api: of(ROLES.API_DATABASE_ROLE), oidc: of(ROLES.PROVIDER_DATABASE_ROLE) }
}

/** Runs the images of a deployment like compose.yaml: database, migrations twice, provider, API, proxy. */
export async function tryServers(
  buildah: Buildah,
  { api, oidc }: Readonly<Record<ImageName, string>>,
): Promise<Record<'api' | 'oidc', Figures>> {
  await using opened = new AsyncDisposableStack()
  const dataDir = join(await temporaryFolder(opened, 'database'), 'data')
  const postgres = await startEmbeddedPostgres({ dataDir, password: newDatabasePassword(), durable: false })
  opened.defer(() => postgres.stop())
  const urls = await databaseUrls(postgres.url)
  const mounts = { '/run/secrets:ro': await makeSecrets(opened, urls) }

  const operate = (...args: string[]) =>
    output(buildah, api, ['daytona-auth', ...args], { mounts, env: { ...secretVariables('database-url'), ...ROLES } })
  const migrate = () => operate('migrate')
  const first = (await migrate()).split('\n')
  const second = await migrate()
  assert.match(String(first[0]), /^applied 0000/)
  assert.equal(second, 'nothing to apply: the schema is the newest')
  say(`migrated: applied ${first.length} files; a second time: ${second}`)

  const ports = { oidc: String(await freePort()), api: String(await freePort()) }
  const at = (name: 'api' | 'oidc') => `http://127.0.0.1:${ports[name]}`
  const scope = { after: (tidyUp: () => unknown) => opened.defer(async () => void (await tidyUp())) }
  const upstreams = {
    PROVIDER_HOST: '127.0.0.1',
    PROVIDER_PORT: ports.oidc,
    API_HOST: '127.0.0.1',
    API_PORT: ports.api,
  }
  const { origin } = await startProxy(scope, upstreams)

  const shared = { ISSUER: origin, HOST: '127.0.0.1', TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'warn' }
  const provider = await startContainer(buildah, opened, {
    container: oidc,
    mounts,
    readyUrl: `${at('oidc')}/health/ready`,
    env: {
      ...shared,
      PORT: ports.oidc,
      ...urlOf('oidc'),
      ...secretVariables('signing-keys-secret', 'cookie-keys', 'resource-secrets-key'),
    },
  })
  const server = await startContainer(buildah, opened, {
    container: api,
    mounts,
    readyUrl: `${at('api')}/health/ready`,
    env: {
      ...shared,
      PORT: ports.api,
      ...urlOf('api'),
      ...secretVariables('resource-secrets-key', 'audit-anchor-keys'),
    },
  })
  const idle = { oidc: await provider.idleMiB(), api: await server.idleMiB() }
  for (const [name, container] of [
    ['oidc', oidc],
    ['api', api],
  ] as const) {
    await output(buildah, container, ['node', '/app/healthcheck.mjs', '/health/ready'], { env: { PORT: ports[name] } })
  }

  const created = await operate('--format=json', 'create-owner', '--email=owner@example.com', '--name=Owner')
  const key = await useEverything(origin, JSON.parse(created))
  say(
    'created an owner, signed up, signed in, created a key and used it for an allowed and a denied request, through the proxy',
  )

  const headers = { authorization: `Bearer ${key}` }
  const apiStopped = await stopUnderLoad('api', server, { url: `${at('api')}/api-keys/current`, headers })
  const discovery = { url: `${at('oidc')}/.well-known/openid-configuration`, headers: { host: new URL(origin).host } }
  const oidcStopped = await stopUnderLoad('oidc', provider, discovery)
  return {
    api: { startMs: server.startMs, idleMiB: idle.api, ...apiStopped },
    oidc: { startMs: provider.startMs, idleMiB: idle.oidc, ...oidcStopped },
  }
}
