import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { launchBrowser, signIn, withoutBrowser } from './browser.ts'
import { openShell } from './shell.ts'
import { configFileOf, emptyHome, organizationId, origin, statusOf, user } from './world.ts'

describe('a session at a terminal', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const home = emptyHome()
  const shell = openShell(home)
  after(() => shell.close())
  const page = await (await launchBrowser({ after })).newPage()
  let key: string

  const kept = async () => JSON.parse(await readFile(configFileOf(home), 'utf8'))

  it('asks for a server where none is known', async () => {
    await shell.prompt()
    const { code, text } = await shell.run('daytona login')
    assert.deepEqual([code, /--api-url https/.test(text)], [2, true])
  })

  it('logs in by a real browser; whoever else finds the port is refused', async () => {
    shell.type(`daytona login --no-browser --api-url ${origin}`)
    const [url] = await shell.see(/http:\S+\/oauth\/authorize\?\S+/)
    const callback = new URL(String(new URL(url).searchParams.get('redirect_uri')))
    assert.match(callback.href, /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    for (const path of ['/callback?code=x&state=y', '/callback?error=access_denied', '/callback']) {
      assert.equal((await fetch(new URL(path, callback))).status, 400)
    }
    assert.equal((await fetch(new URL('/', callback))).status, 404)
    await signIn(page, url, user)
    const { text, code } = await shell.prompt()
    assert.equal(code, 0, text)
    assert.match(text, /You are logged in to http:\S+ as Owner \(owner@localhost\.localdomain\)\.\n/)
    await page.getByRole('heading', { name: 'You are logged in' }).waitFor()
    // The code is neither in the address bar nor in the history.
    assert.equal(page.url(), `${callback.origin}/`)
    await assert.rejects(fetch(callback), 'the port is closed')
  })

  it('keeps the session in a file that is its owner’s alone', async () => {
    const file = configFileOf(home)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal(await statusOf((await kept()).profiles.default.credential.accessToken), 200)
  })

  it('is told that several organizations are in reach, and chooses one with the arrow keys', async () => {
    const { text, code } = await shell.run('daytona api-key list')
    assert.deepEqual([code, /daytona organization use/.test(text)], [1, true])
    shell.type('daytona organization use')
    const [shown] = await shell.see(/[●○][\s\S]*confirm/)
    const names = [...shown.matchAll(/[●○] (\w+)/g)].map(([, name]) => name)
    shell.press('\x1b[B'.repeat(names.indexOf('Shared')))
    shell.press('\r')
    const chosen = await shell.prompt()
    assert.equal(chosen.code, 0, chosen.text)
    assert.equal((await kept()).profiles.default.organizationId, organizationId)
    assert.match((await shell.run('daytona whoami')).text, /Organization {2}Shared \(org_/)
  })

  it('makes a key, and uses it', async () => {
    const made = await shell.run('daytona api-key create deploy --permissions read:sandboxes --expires-in 30d')
    key = /Value +(dta_\w{49})/.exec(made.text)?.[1] ?? ''
    assert.equal(await statusOf(key), 200)
    const shown = await shell.run(`DAYTONA_API_KEY=${key} daytona api-key current`)
    assert.match(shown.text, /Name +deploy/)
  })

  it('rotates the key: both values work during the grace', async () => {
    const rotated = await shell.run('daytona api-key rotate deploy --grace 24h')
    const next = /Value +(dta_\w{49})/.exec(rotated.text)?.[1] ?? ''
    assert.notEqual(next, key)
    assert.deepEqual([await statusOf(next), await statusOf(key)], [200, 200])
    const again = await shell.run('daytona api-key rotate deploy -q')
    const last = /^(dta_\w{49})$/m.exec(again.text)?.[1] ?? ''
    assert.deepEqual([await statusOf(last), await statusOf(key)], [200, 401])
  })

  it('shows a table with a bold head, a refusal in red, and neither where colours are not wanted', async () => {
    const [bold, red] = ['\x1b[1mNAME', '\x1b[31merror:']
    const sentBy = async (line: string) => {
      const before = shell.sent().length
      const { text } = await shell.run(line)
      return { text, sent: shell.sent().slice(before) }
    }
    const list = await sentBy('daytona api-key list')
    assert.match(
      list.text,
      /^NAME +VALUE +PERMISSIONS +EXPIRES +LAST USED *\n(.*\n)*deploy +dta_.{4}\*{20}.{4} +read:sandboxes /m,
    )
    assert.ok(list.sent.includes(bold), JSON.stringify(list.sent))
    assert.ok((await sentBy('daytona api-key get nothing')).sent.includes(red))
    for (const line of ['NO_COLOR=1 daytona api-key list', 'daytona api-key list | cat']) {
      const { text, sent } = await sentBy(line)
      assert.deepEqual([/^NAME/m.test(text), sent.includes(bold)], [true, false], line)
    }
  })

  it('has shown each secret once', () => {
    // What was typed is not counted: the terminal repeats it.
    const shown = shell.sent().replaceAll(/DAYTONA_API_KEY=\S+/g, '')
    const secrets = shown.match(/dta_[0-9A-Za-z]{49}/g) ?? []
    assert.deepEqual([secrets.length, new Set(secrets).size], [3, 3])
  })

  it('deletes it only after a yes', async () => {
    shell.type('daytona api-key delete deploy')
    await shell.see(/Delete the key "deploy"\?/)
    shell.press('n')
    const no = await shell.prompt()
    assert.deepEqual([no.code, /Cancelled: nothing was changed\./.test(no.text)], [1, true])
    shell.type('daytona api-key rm deploy')
    await shell.see(/Delete the key "deploy"\?/)
    shell.press('y')
    assert.equal((await shell.prompt()).code, 0)
    assert.equal((await shell.run('daytona api-key get deploy')).code, 1)
  })

  it('logging in again ends the session that was there', async () => {
    const { accessToken } = (await kept()).profiles.default.credential
    shell.type('daytona login --no-browser')
    const [url] = await shell.see(/http:\S+\/oauth\/authorize\?\S+/)
    await signIn(page, url, user)
    assert.equal((await shell.prompt()).code, 0)
    assert.equal(await statusOf(accessToken), 401)
    assert.equal((await kept()).profiles.default.organizationId, organizationId)
  })

  it('a refusal in the browser is one in the terminal', async () => {
    const before = await kept()
    shell.type('daytona login --no-browser')
    const [url] = await shell.see(/http:\S+\/oauth\/authorize\?\S+/)
    await page.goto(url)
    await page.locator('[name=decision][value=deny]').click()
    const { text, code } = await shell.prompt()
    assert.deepEqual([code, /error: The sign-in was refused in the browser\./.test(text)], [1, true])
    await page.getByRole('heading', { name: 'You are not logged in' }).waitFor()
    assert.deepEqual(await kept(), before)
  })

  it('gives up when nobody signs in', async () => {
    const { text, code } = await shell.run('daytona login --no-browser --timeout 50ms')
    assert.deepEqual([code, /Nobody signed in/.test(text)], [1, true])
  })

  it('logs out: the token is refused, and forgotten', async () => {
    const { accessToken } = (await kept()).profiles.default.credential
    const { text, code } = await shell.run('daytona logout')
    assert.deepEqual([code, /You are logged out/.test(text)], [0, true])
    assert.equal(await statusOf(accessToken), 401)
    assert.deepEqual((await kept()).profiles, { default: { apiUrl: origin, organizationId } })
    const next = await shell.run('daytona whoami')
    assert.deepEqual([next.code, /daytona login/.test(next.text)], [1, true])
  })
})
