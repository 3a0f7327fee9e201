import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SERVER_ROLES, testDatabase, waitFor } from '@daytona-auth/testing'
import { startProcess } from './api-process.ts'
import { ISSUER, world } from './world.ts'

const OPS = fileURLToPath(new URL('../../ops/src/main.ts', import.meta.url))

it('two login roles of one server work at the same time, and the end of the first ends no request of the second', async (t) => {
  const { url, serverUrls, database, asAdministrator } = await testDatabase(t)
  const { person } = await world(t, {}, { url: serverUrls.api, database })
  const owner = await person()
  const organization = await owner.organization()
  const { value: token } = await owner.token()
  const revoked = await owner.key(organization, ['read:sandboxes'])

  const suffix = randomBytes(4).toString('hex')
  const roles = [`test_api_a_${suffix}`, `test_api_b_${suffix}`] as const
  t.after(() => asAdministrator((sql) => sql.unsafe(`DROP ROLE IF EXISTS ${roles.join(', ')}`)))
  const [first, second] = await Promise.all(
    roles.map(async (role) => {
      const password = randomBytes(16).toString('hex')
      await asAdministrator(async (sql) => {
        await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD '${password}' IN ROLE ${SERVER_ROLES.api}`)
        await sql.unsafe(`ALTER ROLE ${role} SET role = '${SERVER_ROLES.api}'`)
      })
      const own = new URL(url)
      own.username = role
      own.password = password
      return { role, url: own.href, api: await startProcess(t, { databaseUrl: own.href }) }
    }),
  )
  assert.ok(first && second)
  let written = 0
  const create = async ({ api }: typeof first) => {
    written += 1
    const { status } = await fetch(`${api.url}/api-keys`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-daytona-organization-id': organization,
      },
      body: JSON.stringify({ name: `key ${written}`, permissions: ['read:sandboxes'] }),
    })
    return status
  }
  const statusOf = async ({ api }: typeof first, key: string) =>
    (await fetch(`${api.url}/users/me`, { headers: { authorization: `Bearer ${key}` } })).status

  assert.deepEqual([await create(first), await create(second)], [201, 201])
  assert.deepEqual([await statusOf(first, revoked.value), await statusOf(second, revoked.value)], [200, 200])
  // `doctor` finds no fault in the privileges of either.
  for (const { url } of [first, second]) {
    const env = { ...process.env, DATABASE_URL: url, ISSUER }
    const { stdout } = await promisify(execFile)(process.execPath, [OPS, 'doctor', '--server', 'api'], { env }).catch(
      (error: { stdout: string }) => error,
    )
    assert.doesNotMatch(stdout, /^(?:error|warn\w*) +.*(?:role|privilege|owner)/im, stdout)
  }

  await asAdministrator(async (sql) => {
    await sql.unsafe(`ALTER ROLE ${first.role} NOLOGIN`)
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${first.role}`
  })
  assert.equal(await create(second), 201)
  await waitFor(async () => (await create(first)) === 503)
  await database.$client`UPDATE api_keys SET status = 'revoked' WHERE id = ${revoked.id}`
  await waitFor(async () => (await statusOf(second, revoked.value)) === 401)
  // Without a database, the first one accepts what it has cached for 3 s at most.
  await waitFor(async () => (await statusOf(first, revoked.value)) !== 200)
})
