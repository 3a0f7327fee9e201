import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { apiKey, configFileOf, emptyHome, homeWithKey, origin, succeeded } from './world.ts'

describe('a command whose environment names the server and the key', () => {
  for (const [what, make] of [
    ['is a folder', (path: string) => mkdir(path)],
    ['is damaged', (path: string) => writeFile(path, '{"profiles": ')],
    ['was made by a newer version', (path: string) => writeFile(path, '{"version": 9, "profiles": {}}')],
  ] as const) {
    it(`does not need a configuration, such as one that ${what}`, async () => {
      const home = homeWithKey()
      await mkdir(join(configFileOf(home), '..'), { recursive: true })
      await make(configFileOf(home))
      await succeeded(home.daytona(['api-key', 'current']))
      // Without the key in the environment the configuration is needed, and its fault is an error.
      const { code, stderr } = await home.daytona(['api-key', 'current'], { env: { DAYTONA_API_KEY: '' } })
      assert.equal(code, 1)
      assert.ok(stderr.includes(configFileOf(home)), stderr)
      await chmod(join(configFileOf(home), '..'), 0o700)
    })
  }

  it('takes variables without the white space around them', async () => {
    const home = emptyHome({ DAYTONA_API_URL: ` ${origin}\n`, DAYTONA_API_KEY: `\t${apiKey}\r\n` })
    await succeeded(home.daytona(['api-key', 'current']))
  })
})

describe('daytona api-key create --expires-at with a day alone', () => {
  it('ends with that day, and says at which instant that is', async () => {
    const { daytona } = homeWithKey()
    const args = ['api-key', 'create', 'until-the-evening', '--permissions', 'read:sandboxes']
    const { code, stdout, stderr } = await daytona([...args, '--expires-at', '2031-05-06', '-f', 'json'])
    assert.equal(code, 0, stderr)
    const end = new Date(2031, 4, 6, 23, 59, 59, 999).toISOString()
    assert.equal(JSON.parse(stdout).expiresAt, end)
    assert.ok(stderr.includes('Expires at the end of 2031-05-06 in your time zone ('), stderr)
    assert.ok(stderr.includes(end.replace(/\.\d+Z$/, 'Z')), stderr)
  })
})
