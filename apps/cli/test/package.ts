import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createHomeWithKey, getStatus } from './fixtures.ts'

const run = promisify(execFile)

const home = createHomeWithKey()
const directory = String(home.env['XDG_CONFIG_HOME'])
// Starts while the other tests run, because it takes long.
const installing = install()
// The test that awaits it reports the error.
installing.catch(() => {})

/** Packs the command and installs it in an empty folder, without a network. */
async function install(): Promise<string> {
  const env = { ...process.env, npm_config_cache: join(directory, 'cache') }
  const packed = await run('npm', ['pack', '--json', '--pack-destination', directory], {
    cwd: join(import.meta.dirname, '..'),
    env,
  })
  assert.match(packed.stdout, /daytona-auth-cli-/)
  const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz'))
  const folder = join(directory, 'empty')
  await mkdir(folder)
  // In this folder, independent of those above.
  const here = ['--prefix', folder, '--offline', '--no-audit', '--no-fund']
  await run('npm', ['install', ...here, `../${tarball}`], { cwd: folder, env })
  return folder
}

describe('the package', () => {
  it('installs without dependencies in an empty folder, and works there', async () => {
    const folder = await installing
    assert.deepEqual(await readdir(join(folder, 'node_modules/@daytona-auth')), ['cli'])
    const shims = join(folder, 'node_modules/.bin')
    const env = { ...home.env, PATH: `${shims}:${join(process.execPath, '..')}:${process.env['PATH']}` }
    const daytona = async (...args: string[]) => (await run('daytona', args, { cwd: folder, env })).stdout
    assert.equal(await daytona('--version'), '0.1.0\n')
    const create = ['api-key', 'create', 'packed', '--permissions', 'read:sandboxes', '--expires-in', '1h', '-q']
    assert.equal(await getStatus((await daytona(...create)).trim()), 200)
    assert.match(await daytona('api-key', 'list'), /^packed\t/m)
    assert.match(await daytona('api-key', 'list', '-f', 'yaml'), /name: packed/)
    assert.match(await daytona('audit', 'export', '--action', 'api_key.create'), /"userAgent":"daytona-cli\/0\.1\.0"/)
    assert.match(await daytona('completion', 'zsh'), /^#compdef daytona/)
    const refused = await run('daytona', ['api-key', 'get', 'unknown'], { cwd: folder, env }).catch((error) => error)
    assert.deepEqual([refused.code, refused.stderr.split('\n')[0]], [1, 'error: API key not found.'])
  })
})
