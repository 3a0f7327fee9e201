import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type Environment, loadConfig } from '@daytona-auth/service'
import { compose, environmentOf, FOLDER, SERVERS } from './compose.ts'
import { shapes } from './shapes.ts'

describe('secrets', () => {
  it('creates every file of compose.yaml, readable only by the user of the containers', (t) => {
    const folder = run(t)
    const files = Object.values(compose.secrets).map(({ file }) => file.replace('.secrets/', ''))
    assert.deepEqual(readdirSync(join(folder, '.secrets')).sort(), [...files, 'valkey-password'].sort())
    const [, uid = '', gid = ''] = /^RUN_AS=(\d+):(\d+)\n$/.exec(readFileSync(join(folder, '.env'), 'utf8')) ?? []
    assert.notEqual(uid, '0')
    for (const path of ['.secrets', '.caddy', ...files.map((name) => `.secrets/${name}`)]) {
      const { mode, uid: owner, gid: group } = statSync(join(folder, path))
      assert.deepEqual(
        [mode & 0o777, owner, group],
        [path.includes('/') ? 0o600 : 0o700, Number(uid), Number(gid)],
        path,
      )
    }
  })

  it('creates valid values for the servers', (t) => {
    const folder = run(t)
    for (const name of SERVERS) {
      const service = compose.services[name]
      assert.ok(service)
      const env: Environment = Object.fromEntries(
        Object.entries(environmentOf(service)).map(([variable, value]) => [
          variable,
          value.replace('/run/secrets', join(folder, '.secrets')).replace(/\$\{\w+:-(\w+)\}/, '$1'),
        ]),
      )
      assert.ok(loadConfig(shapes[name], env))
    }
  })

  it('keeps existing files', (t) => {
    const folder = run(t)
    const path = (name: string) => join(folder, '.secrets', name)
    writeFileSync(path('smtp-url'), 'smtps://mail.example.com')
    rmSync(path('cookie-keys'))
    const before = contents(folder)
    const said = execFileSync(join(folder, 'secrets')).toString()
    const { 'cookie-keys': made, ...after } = contents(folder)
    assert.equal(said, 'made docker/.secrets/cookie-keys\n')
    assert.deepEqual(after, before)
    assert.match(String(made), /^[0-9a-f]{64}$/)
  })
})

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(folder, '.secrets')).map((name) => [name, readFileSync(join(folder, '.secrets', name), 'utf8')]),
  )

/** Runs a copy of the script, which writes to its own folder. */
function run(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'daytona-auth-secrets-'))
  t.after(() => rmSync(folder, { recursive: true }))
  copyFileSync(join(FOLDER, 'secrets'), join(folder, 'secrets'))
  execFileSync(join(folder, 'secrets'), { stdio: 'pipe' })
  return folder
}
