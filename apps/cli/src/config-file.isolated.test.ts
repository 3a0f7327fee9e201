import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { UNKNOWN_KEY } from '@daytona-auth/testing'
import {
  type Config,
  configDirectory,
  configPath,
  getProfile,
  readConfig,
  updateConfig,
  withProfile,
} from './config-file.ts'
import { Failure } from './failure.ts'

const KEY = UNKNOWN_KEY
const CONFIG: Config = {
  version: 1,
  current: 'default',
  profiles: { default: { apiUrl: 'http://localhost:3000', credential: { kind: 'api-key', key: KEY } } },
}

/** Creates an empty configuration directory. */
async function createHome(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-cli-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const terminal = { env: { XDG_CONFIG_HOME: join(directory, 'config') } }
  return { terminal, path: configPath(terminal) }
}

const run = promisify(execFile)

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe('the configuration file', () => {
  it('follows the XDG Base Directory Specification, which ignores relative paths', () => {
    assert.equal(configDirectory({ env: { XDG_CONFIG_HOME: '/somewhere' } }), '/somewhere/daytona-auth')
    const ignored = configDirectory({ env: { XDG_CONFIG_HOME: 'somewhere' } })
    assert.ok(ignored.startsWith('/') && ignored.endsWith('daytona-auth'), ignored)
  })

  it('stays a symbolic link, also if its target does not exist yet', async (t) => {
    const { terminal, path } = await createHome(t)
    await mkdir(configDirectory(terminal), { recursive: true })
    const target = join(configDirectory(terminal), '..', 'elsewhere.json')
    await symlink('../elsewhere.json', path)
    await updateConfig(terminal, () => CONFIG)
    await updateConfig(terminal, (config) => withProfile(config, 'other', { apiUrl: 'https://auth.example.com' }))
    assert.equal((await lstat(path)).isSymbolicLink(), true)
    assert.deepEqual(Object.keys(JSON.parse(await readFile(target, 'utf8')).profiles), ['default', 'other'])
    assert.equal(await modeOf(target), 0o600)
  })

  it('is not overwritten when damaged, and errors contain no secret of it', async (t) => {
    const { terminal, path } = await createHome(t)
    await mkdir(configDirectory(terminal), { recursive: true })
    for (const text of [
      '',
      `{"profiles": "${KEY}`,
      '[]',
      '{"version": 2, "profiles": {}}',
      '{"version": 1, "profiles": {"default": {"apiUrl": 3}}}',
      `{"version": 1, "profiles": {"default": {"apiUrl": "x", "credential": {"kind": "other", "key": "${KEY}"}}}}`,
      `{"version": 1, "profiles": {"default": {"apiUrl": "x", "credential": {"kind": "api-key", "key": "${KEY}\\n"}}}}`,
    ]) {
      await writeFile(path, text, { mode: 0o600 })
      const denial = (error: unknown) =>
        error instanceof Failure && error.message.includes(path) && !error.message.includes(KEY) && !!error.hint
      await assert.rejects(readConfig(terminal), denial, text)
      await assert.rejects(
        updateConfig(terminal, () => CONFIG),
        denial,
        text,
      )
      assert.equal(await readFile(path, 'utf8'), text)
    }
  })

  it('is readable by its owner only, and no other file remains in its directory', async (t) => {
    const { terminal, path } = await createHome(t)
    await updateConfig(terminal, () => CONFIG)
    assert.deepEqual([await modeOf(path), await modeOf(configDirectory(terminal))], [0o600, 0o700])
    assert.deepEqual(await readdir(configDirectory(terminal)), ['config.json'])
    assert.deepEqual(await readConfig(terminal), CONFIG)
  })

  it('loses access of other users when it is read', async (t) => {
    const { terminal, path } = await createHome(t)
    await updateConfig(terminal, () => CONFIG)
    await chmod(path, 0o644)
    await readConfig(terminal)
    assert.equal(await modeOf(path), 0o600)
  })

  it('keeps members that a newer version added', async (t) => {
    const { terminal, path } = await createHome(t)
    const newer = { ...CONFIG, theme: 'dark', profiles: { default: { ...CONFIG.profiles['default'], region: 'eu' } } }
    await mkdir(configDirectory(terminal), { recursive: true })
    await writeFile(path, JSON.stringify(newer))
    await updateConfig(terminal, (config) => withProfile(config, 'other', { apiUrl: 'https://auth.example.com' }))
    const { profiles, ...rest } = JSON.parse(await readFile(path, 'utf8'))
    assert.deepEqual(rest, { version: 1, current: 'default', theme: 'dark' })
    assert.deepEqual(profiles, { ...newer.profiles, other: { apiUrl: 'https://auth.example.com' } })
  })

  it('stays unchanged when a change fails, and releases the lock', async (t) => {
    const { terminal } = await createHome(t)
    await updateConfig(terminal, () => CONFIG)
    await assert.rejects(
      updateConfig(terminal, () => Promise.reject(new Error('no'))),
      { message: 'no' },
    )
    await updateConfig(terminal, () => undefined)
    assert.deepEqual(await readConfig(terminal), CONFIG)
  })

  it('fails before the change runs if it cannot be written', async (t) => {
    const { terminal } = await createHome(t)
    await updateConfig(terminal, () => CONFIG)
    // With a file size limit of zero, every disk is full.
    const script = `
      process.on('SIGXFSZ', () => {})
      const { updateConfig } = await import(${JSON.stringify(join(import.meta.dirname, 'config-file.ts'))})
      await updateConfig({ env: process.env }, () => console.log('changed')).catch(({ message }) => console.log(message))`
    const limited = 'ulimit -f 0; exec "$0" --input-type=module -e "$1"'
    const { stdout } = await run('sh', ['-c', limited, process.execPath, script], { env: terminal.env })
    assert.match(stdout, /^cannot write .*config\.json: EFBIG/)
    assert.deepEqual(await readdir(configDirectory(terminal)), ['config.json'])
    assert.deepEqual(await readConfig(terminal), CONFIG)
  })

  it('names the directory that cannot be written', async (t) => {
    const { terminal } = await createHome(t)
    await writeFile(terminal.env.XDG_CONFIG_HOME, 'a file where a directory should be')
    await assert.rejects(
      updateConfig(terminal, () => CONFIG),
      ({ message }: Error) => message.startsWith(`cannot write to ${configDirectory(terminal)}: ENOTDIR`),
    )
  })

  it('loses none of many concurrent changes', async (t) => {
    const { terminal } = await createHome(t)
    const names = Array.from({ length: 8 }, (_, index) => `profile-${index}`)
    await Promise.all(
      names.map((name) => updateConfig(terminal, (config) => withProfile(config, name, { apiUrl: `https://${name}` }))),
    )
    assert.deepEqual(Object.keys((await readConfig(terminal)).profiles).sort(), names)
  })

  it('has no profile named after an inherited member', () => {
    assert.equal(getProfile(CONFIG, 'constructor'), undefined)
  })
})
