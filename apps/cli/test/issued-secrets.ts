import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { KEY_FORM } from '@daytona-auth/protocol/api-key-format'
import { createHomeWithKey, expectSuccess, getConfigPath, getStatus, type Home } from './fixtures.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** Destination of standard output. */
type Sink = 'a full disk' | 'a closed pipe'

/** Runs the command in a process whose standard output fails. */
async function daytonaInto(sink: Sink, { env }: Home, args: readonly string[]) {
  const full = sink === 'a full disk' ? await open('/dev/full', 'w') : undefined
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/compiled'),
      ...env,
    },
    stdio: ['ignore', full?.fd ?? 'pipe', 'pipe'],
  })
  child.stdout?.destroy()
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  await full?.close()
  return { code, stderr }
}

const unprintedIn = (home: Home) => join(getConfigPath(home), '../unprinted')

const KEY_LINE = new RegExp(`^${KEY_FORM}\n$`)

/** Commands that issue a secret, with its form. */
const ISSUING: readonly { name: string; prepare?: readonly string[]; args: readonly string[]; secret: RegExp }[] = [
  {
    name: 'api-key create',
    args: ['api-key', 'create', 'created-unprinted', '--permissions', 'read:sandboxes'],
    secret: KEY_LINE,
  },
  {
    name: 'api-key rotate',
    prepare: ['api-key', 'create', 'rotated-unprinted', '--permissions', 'read:sandboxes', '-q'],
    args: ['api-key', 'rotate', 'rotated-unprinted', '-q'],
    secret: KEY_LINE,
  },
  {
    name: 'app create',
    args: ['app', 'create', 'Unprinted', '--type', 'web', '--redirect-uri', 'https://unprinted.example/cb'],
    secret: /^\S{20,}\n$/,
  },
]

describe('a secret that could not be printed', { skip: !existsSync('/dev/full') && '/dev/full does not exist' }, () => {
  for (const sink of ['a full disk', 'a closed pipe'] as const) {
    for (const { name, prepare, args, secret } of ISSUING) {
      it(`daytona ${name} into ${sink}: the error names the file with the working secret`, async () => {
        const home = createHomeWithKey()
        if (prepare) await expectSuccess(home.daytona(prepare))
        const { code, stderr } = await daytonaInto(sink, home, args)
        assert.equal(code, 1, stderr)
        const [, path = ''] = /It is in (\S+)$/m.exec(stderr) ?? []
        const text = await readFile(path, 'utf8')
        assert.match(text, secret)
        assert.equal((await stat(path)).mode & 0o777, 0o600)
        assert.ok(!stderr.includes(text.trim()), 'the secret is on standard error')
        if (name.startsWith('api-key')) {
          assert.equal(await getStatus(text.trim()), 200)
          await expectSuccess(home.daytona(['api-key', 'delete', String(args[2]), '--yes']))
        }
      })
    }

    it(`stores nothing for daytona api-key list into ${sink}`, async () => {
      const home = createHomeWithKey()
      const { code, stderr } = await daytonaInto(sink, home, ['api-key', 'list'])
      if (sink === 'a full disk')
        assert.deepEqual([code, stderr], [1, 'error: Cannot write to standard output: ENOSPC.\n'])
      else assert.deepEqual([code, stderr], [0, ''])
      assert.equal(existsSync(unprintedIn(home)), false)
    })
  }

  it('is in a file if the output cannot be selected', async () => {
    const home = createHomeWithKey()
    const args = ['api-key', 'create', 'unselected', '--permissions', 'read:sandboxes', '--json', 'vlaue']
    const { code, stdout, stderr } = await home.daytona(args)
    assert.deepEqual([code, stdout], [1, ''])
    const [, path = ''] = /There is no field "vlaue"\.\)\. It is in (\S+)$/m.exec(stderr) ?? []
    assert.equal(await getStatus((await readFile(path, 'utf8')).trim()), 200)
  })

  it('leaves no copy after printing', async () => {
    const home = createHomeWithKey()
    await expectSuccess(home.daytona(['api-key', 'create', 'printed', '--permissions', 'read:sandboxes', '-q']))
    assert.deepEqual(await readdir(unprintedIn(home)), [])
  })

  it('is issued even if no copy can be kept, and the error reports the loss', async () => {
    const home = createHomeWithKey()
    const directory = join(getConfigPath(home), '..')
    await mkdir(directory)
    await writeFile(unprintedIn(home), 'a file in place of the directory')
    assert.match(
      await expectSuccess(home.daytona(['api-key', 'create', 'without-copy', '--permissions', 'read:sandboxes', '-q'])),
      KEY_LINE,
    )
    const { code, stderr } = await daytonaInto('a full disk', home, ['api-key', 'rotate', 'without-copy'])
    assert.equal(code, 1)
    assert.match(
      stderr,
      /could not be printed \(ENOSPC\), and no copy of it could be kept\.\nIt is lost: rotate it again/,
    )
    await chmod(directory, 0o700)
  })
})
