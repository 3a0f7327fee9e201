import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { KEY_FORM } from '@daytona-auth/protocol/api-key-format'
import { waitFor } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import stringWidth from 'string-width'
import { fillSignIn, signIn } from './browser.ts'
import { createHome, getConfigPath, getStatus, type Home, organizationId, origin, user } from './fixtures.ts'
import { createRecordingBrowser } from './recording-browser.ts'
import { openShell, type Shell } from './shell.ts'

const VALUE = new RegExp(`Value +(${KEY_FORM})`)

/** Opens a terminal and a browser within the suite: its hooks do not run if none of its tests is selected. */
function useTerminalAndBrowser(home: Home) {
  const closers: (() => unknown)[] = []
  const used = {} as { shell: Shell; page: Page }
  before(async () => {
    used.shell = openShell(home)
    used.page = await (await launchBrowser({ after: (close) => closers.push(close) })).newPage()
    await used.shell.prompt()
  })
  after(async () => {
    used.shell.close()
    for (const close of closers) await close()
  })
  return used
}

describe('a session at a terminal', { skip: withoutBrowser }, () => {
  const home = createHome()
  const used = useTerminalAndBrowser(home)
  let key: string

  const kept = async () => JSON.parse(await readFile(getConfigPath(home), 'utf8'))

  it('requires a server', async () => {
    const { shell } = used
    const { code, text } = await shell.run('daytona login --no-input')
    assert.deepEqual([code, /--api-url https/.test(text)], [2, true])
    shell.type('daytona login')
    await shell.see(/Server, such as https:\/\/auth\.example\.com:/)
    shell.press('http://example.com\r')
    await shell.see(/This is not a server URL: .*https/)
    shell.press('\x03')
    assert.equal((await shell.prompt()).code, 1)
    shell.type('daytona login --api-key')
    await shell.see(/Server, such as/)
    shell.press(`${origin}\r`)
    await shell.see(/API key for http:\/\/localhost:\d+:/)
    shell.press('\x03')
    assert.equal((await shell.prompt()).code, 1)
  })

  it('logs in by a real browser; other requests to the port are rejected', async () => {
    const { shell, page } = used
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

  it('stores the session in a file of mode 0600', async () => {
    const file = getConfigPath(home)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal(await getStatus((await kept()).profiles.default.credential.accessToken), 200)
  })

  it('selects one of several organizations with the arrow keys', async () => {
    const { shell } = used
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

  it('creates a key and uses it', async () => {
    const { shell } = used
    const made = await shell.run('daytona api-key create deploy --permissions read:sandboxes --expires-in 30d')
    key = VALUE.exec(made.text)?.[1] ?? ''
    assert.equal(await getStatus(key), 200)
    const shown = await shell.run(`DAYTONA_API_KEY=${key} daytona api-key current`)
    assert.match(shown.text, /Name +deploy/)
  })

  it('rotates the key: both values work during the grace period', async () => {
    const { shell } = used
    const rotated = await shell.run('daytona api-key rotate deploy --grace 24h')
    const next = VALUE.exec(rotated.text)?.[1] ?? ''
    assert.notEqual(next, key)
    assert.deepEqual([await getStatus(next), await getStatus(key)], [200, 200])
    const again = await shell.run('daytona api-key rotate deploy -q --yes')
    const last = new RegExp(KEY_FORM).exec(again.text)?.[0] ?? ''
    assert.deepEqual([await getStatus(last), await getStatus(key)], [200, 401])
  })

  it('asks how long the old value stays valid if no grace period is given', async () => {
    const { shell } = used
    shell.type('daytona api-key rotate deploy')
    await shell.see(/How long does the current value of "deploy" stay valid\?/)
    shell.press('\x03')
    assert.equal((await shell.prompt()).code, 1)
  })

  it('fits tables to 80 and 120 columns, and shows relative times', async () => {
    const { shell } = used
    const uris = `https://sized.example/${'long/'.repeat(20)}`
    await shell.run(`daytona app create Sized --type spa --redirect-uri ${uris}`)
    await shell.run('daytona invitation create a-rather-long-address@sized.example.com --roles Developer,Viewer')
    for (const columns of [80, 120]) {
      shell.resize(columns)
      for (const command of [
        'api-key list',
        'organization list',
        'member list',
        'role list',
        'app list',
        'invitation list',
        'session list',
        'authorized-app list',
        'api-key usage',
        'audit list --limit 5',
      ]) {
        const { text, code } = await shell.run(`daytona ${command}`)
        const lines = text.trimEnd().split('\n').slice(1)
        assert.deepEqual([code, lines.length > 1], [0, true], text)
        assert.ok(
          lines.every((line) => stringWidth(line) <= columns),
          text,
        )
        assert.match(lines[0] ?? '', /^[A-Z -]+$/, 'a table, not blocks')
      }
    }
    shell.resize(200)
    assert.match((await shell.run('daytona audit list --limit 1')).text, /ago|just now/)
  })

  it('prints bold titles and red errors, and no colours with NO_COLOR or into a pipe', async () => {
    const { shell } = used
    const [bold, red] = ['\x1b[1mNAME', '\x1b[31merror:']
    const sentBy = async (line: string) => {
      const before = shell.sent().length
      const { text } = await shell.run(line)
      return { text, sent: shell.sent().slice(before) }
    }
    const list = await sentBy('daytona api-key list')
    assert.match(
      list.text,
      /^NAME +VALUE +PERMISSIONS +EXPIRES +LAST USED(?: +LAST OUTCOME)? *\n(.*\n)*deploy +\w+….{4} +read:sandboxes +in 1 month /m,
    )
    assert.ok(list.sent.includes(bold), JSON.stringify(list.sent))
    assert.ok((await sentBy('daytona api-key get nothing')).sent.includes(red))
    for (const line of ['NO_COLOR=1 daytona api-key list', 'daytona api-key list -f table | cat']) {
      const { text, sent } = await sentBy(line)
      assert.deepEqual([/^NAME/m.test(text), sent.includes(bold)], [true, false], line)
    }
  })

  it('has printed each secret once', () => {
    const { shell } = used
    // The terminal repeats what was typed.
    const shown = shell.sent().replaceAll(/DAYTONA_API_KEY=\S+/g, '')
    const secrets = shown.match(new RegExp(KEY_FORM, 'g')) ?? []
    assert.deepEqual([secrets.length, new Set(secrets).size], [3, 3])
  })

  it('deletes it only after confirmation', async () => {
    const { shell } = used
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

  it('ends the previous session at a new login', async () => {
    const { shell, page } = used
    const { accessToken } = (await kept()).profiles.default.credential
    shell.type('daytona login --no-browser')
    const [url] = await shell.see(/http:\S+\/oauth\/authorize\?\S+/)
    await signIn(page, url, user)
    assert.equal((await shell.prompt()).code, 0)
    assert.equal(await getStatus(accessToken), 401)
    assert.equal((await kept()).profiles.default.organizationId, organizationId)
  })

  it('fails in the terminal if the sign-in is denied in the browser', async () => {
    const { shell, page } = used
    const before = await kept()
    shell.type('daytona login --no-browser')
    const [url] = await shell.see(/http:\S+\/oauth\/authorize\?\S+/)
    await page.goto(url)
    await page.locator('[name=decision][value=deny]').click()
    const { text, code } = await shell.prompt()
    assert.deepEqual([code, /error: The sign-in was denied in the browser\./.test(text)], [1, true])
    await page.getByRole('heading', { name: 'You are not logged in' }).waitFor()
    assert.deepEqual(await kept(), before)
  })

  it('opens the browser when Enter is pressed', async () => {
    const { shell, page } = used
    const { browser, opened } = await createRecordingBrowser(home)
    shell.type(`BROWSER=${browser} daytona login`)
    await shell.see(/Press Enter to open localhost:\d+ in your browser/)
    assert.equal(await opened(), undefined)
    shell.press('\r')
    await signIn(page, await waitFor(opened), user)
    assert.equal((await shell.prompt()).code, 0)
  })

  it('times out without a sign-in', async () => {
    const { shell } = used
    const { text, code } = await shell.run('daytona login --no-browser --timeout 50ms')
    assert.deepEqual([code, /The sign-in timed out/.test(text)], [1, true])
  })

  it('logs out: the token is revoked and removed', async () => {
    const { shell } = used
    const { accessToken } = (await kept()).profiles.default.credential
    const { text, code } = await shell.run('daytona logout')
    assert.deepEqual([code, /You are logged out/.test(text)], [0, true])
    assert.equal(await getStatus(accessToken), 401)
    assert.deepEqual((await kept()).profiles, { default: { apiUrl: origin, organizationId } })
    const next = await shell.run('daytona whoami')
    assert.deepEqual([next.code, /daytona login/.test(next.text)], [1, true])
  })
})

describe('a login over SSH', { skip: withoutBrowser }, () => {
  const used = useTerminalAndBrowser(createHome())

  it('shows a one-time code, which is entered on another device', async () => {
    const { shell, page } = used
    shell.type(`SSH_TTY=/dev/pts/9 daytona login --api-url ${origin}`)
    const [, code = ''] = await shell.see(/Your one-time code: ([A-Z0-9-]+)\s/)
    await shell.see(/Open this page on any device/)
    await page.goto(`${origin}/oauth/device`)
    await page.getByLabel('Code').fill(code)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Yes, the codes match' }).click()
    await fillSignIn(page, user)
    await page.getByRole('button', { name: 'Allow access' }).click()
    const { text, code: exit } = await shell.prompt()
    assert.equal(exit, 0, text)
    assert.match(text, /You are logged in to http/)
  })
})
