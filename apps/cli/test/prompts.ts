import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createHomeWithKey, createHomeWithSession, expectSuccess, getStatus, user } from './fixtures.ts'
import { openShell } from './shell.ts'

const DOWN = '\x1b[B'
const UP = '\x1b[A'

describe('prompts for missing values at a terminal', () => {
  const home = createHomeWithKey()
  const shell = openShell(home)
  after(() => shell.close())
  const showKey = async (name: string) =>
    JSON.parse(await expectSuccess(home.daytona(['api-key', 'get', '-f', 'json', '--', name])))

  it('never appear with --no-input, in CI, in a pipe, or without a terminal', async () => {
    await shell.prompt()
    for (const line of [
      'daytona api-key create --no-input',
      'CI=true daytona api-key create',
      'daytona api-key create </dev/null',
    ]) {
      const { text, code } = await shell.run(line)
      assert.deepEqual([code, /error: (required option|missing required argument)/.test(text)], [2, true], text)
    }
    const piped = await shell.run('daytona api-key create 2>&1 | cat')
    assert.match(piped.text, /error: required option/)
    const confirmation = await shell.run('daytona api-key delete first-run --no-input')
    assert.equal(confirmation.code, 2)
    assert.match(confirmation.text, /Cannot ask for confirmation: --no-input is set\.\s+Pass --yes\./)
    const secret = await shell.run('daytona api-key check --no-input')
    assert.deepEqual([secret.code, /Cannot prompt for it: --no-input is set\./.test(secret.text)], [2, true])
  })

  it('end at Ctrl+C, and nothing is changed', async () => {
    shell.type('daytona api-key create')
    await shell.see(/Name, unique among your active keys:/)
    shell.press('\x03')
    const { text, code } = await shell.prompt()
    assert.deepEqual([code, /Cancelled: nothing was changed\./.test(text)], [1, true], text)
  })

  it('api-key create asks for name, permissions and expiry; 30 days are preselected', async () => {
    shell.type('daytona api-key create')
    await shell.see(/Name, unique among your active keys:/)
    shell.press('..\r')
    await shell.see(/The name of a key /)
    shell.press('\x7f\x7f-asked\r')
    await shell.see(/Permissions:[\s\S]*read:sandboxes[\s\S]*admin:organization/)
    shell.press(` ${DOWN}${DOWN} \r`)
    await shell.see(/When does it expire\?[\s\S]*● in 30 days/)
    shell.press('\r')
    const { text, code } = await shell.prompt()
    assert.equal(code, 0, text)
    assert.equal(await getStatus(/Value +(dta_\w{49})/.exec(text)?.[1] ?? ''), 200)
    const { permissions, expiresAt } = await showKey('-asked')
    assert.deepEqual(permissions, ['read:sandboxes', 'read:snapshots'])
    const days = (Date.parse(expiresAt) - Date.now()) / 86_400_000
    assert.ok(days > 29.9 && days < 30, String(days))
  })

  it('api-key create asks only for what is missing, and takes a typed expiry', async () => {
    shell.type('daytona key mint typed --expires-in 1h')
    await shell.see(/Permissions:/)
    assert.ok(!shell.screen().includes('Name, unique'))
    shell.press(' \r')
    const { text, code } = await shell.prompt()
    assert.deepEqual([code, /When does it expire/.test(text)], [0, false], text)
    assert.deepEqual((await showKey('typed')).permissions, ['read:sandboxes'])
    shell.type('daytona key mint custom')
    await shell.see(/Permissions:/)
    shell.press(' \r')
    await shell.see(/When does it expire\?/)
    shell.press(`${UP}${UP}\r`)
    await shell.see(/Time until expiry/)
    shell.press('2d\r')
    assert.equal((await shell.prompt()).code, 0)
    const days = (Date.parse((await showKey('custom')).expiresAt) - Date.now()) / 86_400_000
    assert.ok(days > 1.9 && days < 2, String(days))
  })

  it('api-key rotate without a name lists the keys, and without --grace asks how long the old value stays', async () => {
    shell.type('daytona api-key rotate')
    await choose('typed')
    await shell.see(/How long does the current value of "typed" stay valid\?[\s\S]*● 24 hours/)
    shell.press('\r')
    const { text, code } = await shell.prompt()
    assert.equal(code, 0, text)
    assert.equal((await showKey('typed')).previousSecrets.length, 1)
  })

  it('api-key delete without a name lists the keys, and asks for confirmation', async () => {
    shell.type('daytona api-key delete')
    await choose('custom')
    await shell.see(/Delete the key "custom"\?/)
    shell.press('y')
    assert.equal((await shell.prompt()).code, 0)
    assert.equal((await home.daytona(['api-key', 'get', 'custom'])).code, 1)
  })

  it('lists apps, and a choice of fixed values; text may have any form', async () => {
    shell.type('daytona app create')
    await shell.see(/Name shown on the consent page:/)
    shell.press('Prompted app\r')
    await shell.see(/Type:[\s\S]*web[\s\S]*spa[\s\S]*native/)
    shell.press(`${DOWN}\r`)
    await shell.see(/Redirect URIs/)
    shell.press('https://prompted.example/cb\r')
    const { text, code } = await shell.prompt()
    assert.deepEqual([code, /Type +spa/.test(text)], [0, true], text)
    shell.type('daytona app get')
    await choose('Prompted app')
    assert.match((await shell.prompt()).text, /Redirect URIs +https:\/\/prompted\.example\/cb/)
  })

  it('ask for the organization first if the user has several', async () => {
    const session = await createHomeWithSession()
    const own = openShell(session)
    try {
      await own.prompt()
      own.type('daytona member update --role owner')
      const [shown] = await own.see(/Which organization\?[\s\S]*[●○][\s\S]*confirm/)
      const names = [...shown.matchAll(/[●○] (\w+)/g)].map(([, name]) => name)
      own.press(`${DOWN.repeat(names.indexOf('Shared'))}\r`)
      await own.see(/Which member\?[\s\S]*owner@localhost\.localdomain/)
      own.press('\r')
      const { text, code } = await own.prompt()
      assert.deepEqual([code, text.includes(user.email)], [0, true], text)
    } finally {
      own.close()
    }
  })

  /** Chooses a label of the list. A longer list is searched by typing. */
  async function choose(label: string): Promise<void> {
    const [shown] = await shell.see(/Which \w+\?[\s\S]*(confirm|Type to search|to navigate)/)
    const labels = [...shown.matchAll(/[●○] (.+?)(?: \(.*)?\r?$/gm)].map(([, name]) => name)
    if (/search/i.test(shown)) shell.press(label)
    else shell.press(DOWN.repeat(labels.indexOf(label)))
    await shell.see(new RegExp(`● ${label}`))
    shell.press('\r')
  }
})
