import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { freePort, waitFor } from '@daytona-auth/testing'
import { admin, apiKey, directory, organizationId, origin, user } from './fixtures.ts'

const run = promisify(execFile)
const SOURCE = join(import.meta.dirname, '..')
const MODULES = join(SOURCE, 'node_modules')

const env = { ...process.env, npm_config_cache: join(directory, 'cache') }

// Starts while the other tests run, because it takes long.
const installing = install()
// The test that awaits it reports the error.
installing.catch(() => {})

/** Packs a copy, because packing changes the manifest for a moment, and installs it offline in an empty folder. */
async function install(): Promise<string> {
  const copy = join(directory, 'packages/sdk')
  await mkdir(copy, { recursive: true })
  for (const path of ['tsconfig.base.json', 'apps/api/test/openapi.snapshot.json']) {
    await cp(join(SOURCE, '../..', path), join(directory, path))
  }
  for (const name of ['package.json', 'tsconfig.json', 'README.md', 'build.ts', 'licences.ts', 'pack.ts', 'src']) {
    await cp(join(SOURCE, name), join(copy, name), { recursive: true })
  }
  // Packing generates them from the API's document.
  await rm(join(copy, 'src/generated'), { recursive: true, force: true })
  await symlink(MODULES, join(copy, 'node_modules'))
  const before = await readFile(join(copy, 'package.json'), 'utf8')
  await run('npm', ['pack', '--pack-destination', directory], { cwd: copy, env })
  assert.equal(await readFile(join(copy, 'package.json'), 'utf8'), before, 'the manifest changed')
  const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz'))
  const folder = join(directory, 'empty')
  await mkdir(folder)
  // In this folder, independent of those above.
  const here = ['--prefix', folder, '--offline', '--no-audit', '--no-fund']
  await run('npm', ['install', ...here, `../${tarball}`], { cwd: folder, env })
  return folder
}

const PROGRAM = `
import { DaytonaAuth, DaytonaAuthError, type ApiKey, type Permission } from '@daytona-auth/sdk'
import { createResourceServer, type Principal } from '@daytona-auth/sdk/resource-server'

const client = new DaytonaAuth()
const permissions: Permission[] = ['read:sandboxes']
const { value } = await client.apiKeys.create({ name: 'of the package', permissions })
const keys: ApiKey[] = await client.apiKeys.list()
const server = createResourceServer({
  issuer: String(process.env['DAYTONA_API_URL']), clientId: 'app_x', clientSecret: 'wrong', accessTokens: 'introspect',
})
const caller: Principal | Response = await server.guard(
  new Request('http://localhost', { headers: { authorization: \`Bearer \${value}\` } }), 'read:sandboxes')
// @ts-expect-error there is no such permission
await server.guard(new Request('http://localhost'), 'read:everything').catch(() => undefined)
const missing = await client.apiKeys.get('unknown').catch((error: unknown) => error)
console.log(JSON.stringify([
  keys.some(({ name }) => name === 'of the package'),
  caller instanceof Response && caller.status,
  missing instanceof DaytonaAuthError && missing.statusCode,
]))
`

/** Reads the programs of the README by file name. */
async function readPrograms(): Promise<Map<string, string>> {
  const readme = await readFile(join(SOURCE, 'README.md'), 'utf8')
  return new Map(
    [...readme.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name = '', code = '']) => [name, code]),
  )
}

describe('the package', () => {
  it('installs without dependencies in an empty folder, has strict types, and runs the programs of the README', async (t) => {
    const folder = await installing
    assert.deepEqual(await readdir(join(folder, 'node_modules')), ['.package-lock.json', '@daytona-auth'])
    await mkdir(join(folder, 'node_modules/@types'))
    for (const name of ['@types/node', 'fastify'])
      await symlink(join(MODULES, name), join(folder, 'node_modules', name))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const programs = new Map([...(await readPrograms()), ['types.ts', PROGRAM]])
    assert.deepEqual([...programs.keys()], ['program.ts', 'server.ts', 'worker.ts', 'invoices.ts', 'types.ts'])
    for (const [name, program] of programs) await writeFile(join(folder, name), program)
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false']
    const options = ['--module', 'nodenext', '--target', 'es2022', '--types', 'node', ...strict]
    await run(join(SOURCE, '../../node_modules/.bin/tsc'), [...options, ...programs.keys()], {
      cwd: folder,
      env,
    }).catch((error) => assert.fail(error.stdout))
    const settings = { DAYTONA_API_URL: origin, DAYTONA_API_KEY: apiKey, DAYTONA_ORGANIZATION_ID: organizationId }
    const started = { cwd: folder, env: { PATH: process.env['PATH'], ...settings } }
    assert.equal((await run(process.execPath, ['types.js'], started)).stdout, '[true,503,404]\n')
    assert.match((await run(process.execPath, ['program.js'], started)).stdout, /^403 Insufficient permissions$/m)
    // It only builds its server.
    await run(process.execPath, ['invoices.js'], started)
    const { default: worker } = await import(join(folder, 'worker.js'))
    assert.equal((await worker.fetch(new Request('https://things.example.com/'))).status, 401)

    const { clientId, clientSecret = '' } = await admin.oauthApps.create({
      name: 'Things',
      type: 'web',
      redirectUris: ['https://things.example.com/callback'],
      scopes: ['openid'],
    })
    const port = await freePort()
    const server = spawn(process.execPath, ['server.js'], {
      cwd: folder,
      stdio: 'inherit',
      env: { ISSUER: origin, CLIENT_ID: clientId, CLIENT_SECRET: String(clientSecret), PORT: String(port) },
    })
    t.after(() => server.kill('SIGKILL'))
    const things = (path: string) =>
      fetch(`http://localhost:${port}${path}`, { headers: { authorization: `Bearer ${apiKey}` } })
    await waitFor(() => things('/health').catch(() => undefined))
    assert.deepEqual(await (await things('/things')).json(), { organization: organizationId, of: user.id })
  })
})
