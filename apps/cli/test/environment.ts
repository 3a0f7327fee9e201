import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { apiKey, createHome, createHomeWithKey, expectSuccess, getConfigPath, origin } from './fixtures.ts'

describe('a command whose environment names the server and the key', () => {
  for (const [what, make] of [
    ['is a directory', (path: string) => mkdir(path)],
    ['is damaged', (path: string) => writeFile(path, '{"profiles": ')],
    ['was made by a newer version', (path: string) => writeFile(path, '{"version": 9, "profiles": {}}')],
  ] as const) {
    it(`runs without a readable configuration file, such as one that ${what}`, async () => {
      const home = createHomeWithKey()
      await mkdir(join(getConfigPath(home), '..'), { recursive: true })
      await make(getConfigPath(home))
      await expectSuccess(home.daytona(['api-key', 'current']))
      // Without the key in the environment, the file is required.
      const { code, stderr } = await home.daytona(['api-key', 'current'], { env: { DAYTONA_API_KEY: '' } })
      assert.equal(code, 1)
      assert.ok(stderr.includes(getConfigPath(home)), stderr)
      await chmod(join(getConfigPath(home), '..'), 0o700)
    })
  }

  it('trims variables', async () => {
    const home = createHome({ DAYTONA_API_URL: ` ${origin}\n`, DAYTONA_API_KEY: `\t${apiKey}\r\n` })
    await expectSuccess(home.daytona(['api-key', 'current']))
  })
})

describe('daytona api-key create --expires-at with a day', () => {
  it('expires at the end of that day, and prints the instant', async () => {
    const { daytona } = createHomeWithKey()
    const args = ['api-key', 'create', 'end-of-day', '--permissions', 'read:sandboxes']
    const { code, stdout, stderr } = await daytona([...args, '--expires-at', '2031-05-06', '-f', 'json'])
    assert.equal(code, 0, stderr)
    const end = new Date(2031, 4, 6, 23, 59, 59, 999).toISOString()
    assert.equal(JSON.parse(stdout).expiresAt, end)
    assert.ok(stderr.includes('Expires at the end of 2031-05-06 in your time zone ('), stderr)
    assert.ok(stderr.includes(end.replace(/\.\d+Z$/, 'Z')), stderr)
  })
})
