import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createHome, dataDir, origin } from './fixtures.ts'

const run = promisify(execFile)
const MAIN = join(import.meta.dirname, '../src/main.ts')

describe('the README', () => {
  it('has commands that do what it states, twice', async () => {
    const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
    const [install, commands = ''] = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text)
    // Another test installs the package.
    assert.match(
      install ?? '',
      /^cd apps\/cli && npm pack && npm install --global \.\/daytona-auth-cli-0\.1\.0\.tgz\n$/,
    )
    assert.ok(commands.includes('http://localhost:3000'))
    const expected = [...commands.matchAll(/#> (.*)$/gm)].map(([, line]) => line)
    assert.ok(expected.length > 0)
    const env = { ...createHome().env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` }
    const script = `daytona() { node "${MAIN}" "$@"; }\n${commands.replaceAll('http://localhost:3000', origin)}`
    for (const attempt of ['first', 'second']) {
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: dirname(dataDir), env })
      const printed = stdout.trimEnd().split('\n').slice(-expected.length)
      assert.deepEqual(printed, expected, `the ${attempt} run`)
      assert.match(stdout, /^Name +My API Key\n[\s\S]*^Description +Nightly builds\n/m)
    }
  })
})
