import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { peopleOf, testDatabase, waitFor } from '@daytona-auth/testing'
import { launchBrowser, withoutBrowser } from '@daytona-auth/testing/browser'
import type { Page } from 'playwright-core'
import { axeViolations, screenshot, signIn, visit } from './browser.ts'
import { startService } from './service.ts'

const run = promisify(execFile)
const CLI = join(import.meta.dirname, '../../cli/src/main.ts')
const python = ['python3', '/usr/bin/python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import requests']).status === 0,
)
const DAY_MS = 24 * 60 * 60 * 1000

describe('keys of several organizations in the dashboard', { skip: withoutBrowser }, async () => {
  if (withoutBrowser) return
  const { url, database } = await testDatabase()
  const service = await startService({ after }, { DATABASE_URL: url })
  const browser = await launchBrowser({ after })
  const { origin, organizationId, apiKey } = service
  const keysOf = (id: string): string => `${origin}/dashboard/o/${id}/keys`

  /** Signs in, and returns the access token that the page sends. */
  async function open(page: Page, url: string): Promise<string> {
    const request = page.waitForRequest((one) => one.url().startsWith(origin) && 'authorization' in one.headers())
    await page.goto(url)
    await signIn(page, service)
    await page.locator('main h1').waitFor()
    return ((await request).headers()['authorization'] ?? '').replace('Bearer ', '')
  }
  const createOrganization = async (token: string, name: string): Promise<string> => {
    const { status, body } = await service.request('POST', '/organizations', token, { name })
    assert.equal(status, 201, JSON.stringify(body))
    return (body as { id: string }).id
  }
  const runWith = (key: string, command: string, ...argv: string[]) =>
    run(command, argv, { cwd: import.meta.dirname, env: { ...process.env, DAYTONA_API_KEY: key } })
  const sh = (line: string, key: string) => runWith(key, 'sh', '-c', line)
  /** How the program that the page shows in a language is run, as shown. */
  const RUN: Record<string, (key: string, program: string) => Promise<{ stdout: string }>> = {
    ...(python !== undefined && { Python: (key, program) => runWith(key, python, '-c', program) }),
    TypeScript: (key, program) => runWith(key, process.execPath, '--input-type=module-typescript', '-e', program),
    CLI: (key, line) => sh(`daytona() { '${process.execPath}' '${CLI}' "$@"; }\n${line}`, key),
  }

  it('shows another organization in each tab, as its URL says', async (t) => {
    const { page, context, problems } = await visit(t, browser)
    const token = await open(page, keysOf(organizationId))
    await page.getByRole('link', { name: 'first-run' }).waitFor()
    const id = await createOrganization(token, 'Second שלום')
    const other = await context.newPage()
    await other.goto(keysOf(id))
    await other.getByText('No API keys yet').waitFor()
    await other.getByRole('combobox', { name: 'Organization: Second שלום' }).waitFor()
    // The other tab was the last to choose an organization.
    await page.reload()
    await page.getByRole('link', { name: 'first-run' }).waitFor()
    await page.getByRole('combobox', { name: 'Organization: Shared' }).waitFor()
    assert.equal(page.url(), keysOf(organizationId))
    await page.getByRole('link', { name: 'Members' }).click()
    assert.ok(page.url().includes(organizationId))
    await other.reload()
    await other.getByText('No API keys yet').waitFor()
    assert.deepEqual(problems, [])
  })

  it('creates the key that the summary and its lines describe, for chosen organizations, until a chosen day', async (t) => {
    const { page, problems } = await visit(t, browser)
    const token = await open(page, keysOf(organizationId))
    const chosen = await createOrganization(token, 'Chosen')
    await createOrganization(token, 'Left out')
    // A name that is taken is refused beside its field.
    await page.goto(`${keysOf(organizationId)}/new?name=first-run&permissions=read:volumes`)
    await page.getByRole('button', { name: 'Create key' }).click()
    await page.getByText('You have an active key with this name').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await page.getByRole('textbox', { name: 'Name' }).fill("it's shared")

    const summary = page.getByRole('region', { name: 'Summary' })
    await summary.getByText('The same by command line or API').click()
    const line = (await summary.locator('pre').last().textContent()) ?? ''
    const created = JSON.parse((await sh(`${line} --silent`, apiKey)).stdout)
    assert.partialDeepStrictEqual(created, { name: "it's shared", permissions: ['read:volumes'] })
    assert.equal((await service.request('DELETE', "/api-keys/it's%20shared", apiKey)).status, 204)

    await page.getByRole('radio', { name: 'Date' }).click()
    const day = new Date(Date.now() + 40 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
    await page.getByLabel('Last day').fill(day)
    await page.getByRole('combobox', { name: 'Other organizations' }).fill('cho')
    await page.getByRole('option', { name: 'Chosen' }).click()
    // Escape removes nothing that was chosen.
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await summary.getByText('A key with Volumes R in 2 organizations, valid until').waitFor()
    await summary.getByText(`--organizations ${chosen}`).waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await screenshot(page, 'key-new-organizations-1280-light')
    await page.getByRole('button', { name: 'Create key' }).click()

    await page.getByRole('heading', { name: 'Your API key' }).waitFor()
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download .env' }).click()
    const text = await readFile(await (await downloading).path(), 'utf8')
    const [, value = ''] = /^DAYTONA_API_KEY=(dta_\w+)$/m.exec(text) ?? []
    assert.equal(text, `DAYTONA_API_URL=${origin}\nDAYTONA_API_KEY=${value}\n`)
    const program = page.getByRole('region', { name: 'Use it' }).locator('pre').last()
    const usage = (await program.textContent()) ?? ''
    const key = JSON.parse((await sh(`${usage} --silent`, value)).stdout) as {
      organizationIds: string[]
      expiresAt: string
    }
    assert.deepEqual(key.organizationIds.toSorted(), [organizationId, chosen].toSorted())
    // The whole day, wherever the person is.
    assert.ok(Math.abs(Date.parse(key.expiresAt) - Date.parse(`${day}T23:59:59Z`)) < 15 * 60 * 60 * 1000)
    let shown = usage
    for (const [language, runShown] of Object.entries(RUN)) {
      await page.getByRole('combobox', { name: 'Language' }).click()
      await page.getByRole('option', { name: language }).click()
      await waitFor(async () => (await program.textContent()) !== shown)
      shown = (await program.textContent()) ?? ''
      const { stdout } = await runShown(value, shown)
      assert.match(stdout, /it's shared/, language)
    }
    // It was saved, so leaving does not ask.
    await page.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('heading', { name: "it's shared", exact: true }).waitFor()
    await page.getByRole('region', { name: 'Overview' }).getByText('Chosen').waitFor()
    assert.deepEqual(problems, [])
  })

  it('lists more keys than a page has, those with full administration, and absolute times on focus', async (t) => {
    for (let count = 0; count < 52; count += 1) {
      const key = { name: `worker ${count}`, permissions: ['read:sandboxes'], expiresAt: null }
      assert.equal((await service.request('POST', '/api-keys', apiKey, key)).status, 201)
    }
    const { page } = await visit(t, browser)
    await open(page, keysOf(organizationId))
    const rows = page.getByRole('table', { name: 'API keys' }).locator('tbody tr')
    await page.getByRole('link', { name: 'worker 51' }).waitFor()
    assert.equal(await rows.count(), 50)
    await page.getByRole('button', { name: 'Show more keys' }).press('Enter')
    await page.getByRole('link', { name: 'worker 0', exact: true }).waitFor()
    const administration = page.getByRole('button', { name: '1 with full administration' })
    await administration.click()
    await page.waitForURL(/permission=admin/)
    await page.getByRole('link', { name: 'worker 51' }).waitFor({ state: 'detached' })
    assert.equal(await rows.count(), 1)
    const created = rows.first().locator('time').last()
    const instant = (await created.getAttribute('datetime')) ?? ''
    // By keyboard: a press of the pointer gives a focus that shows nothing.
    await page.getByRole('button', { name: 'Actions for first-run' }).focus()
    await page.keyboard.press('Shift+Tab')
    const year = String(new Date(instant).getUTCFullYear())
    await page.locator('.tooltip').filter({ hasText: year }).waitFor()
    assert.ok(await created.evaluate((element) => element === document.activeElement))
    assert.deepEqual(await axeViolations(page), [])
    await administration.click()
    await page.waitForURL((url) => !url.search.includes('permission'))
    await page.getByRole('link', { name: 'worker 51' }).waitFor()
  })

  it('finds unused keys by the line above the list, and others by permission and by owner, on the server', async (t) => {
    const people = peopleOf(database)
    const organization = organizationId as Parameters<typeof people.member>[0] // it comes from a file
    const ada = await people.user({ name: 'Ada Lovelace' })
    await people.member(organization, ada)
    const insert = async (name: string, more: object): Promise<void> => {
      await people.secret(await people.key(ada, organization, { name, ...more }))
    }
    const longAgo = new Date(Date.now() - 100 * DAY_MS)
    await insert('yearly report', { createdAt: longAgo })
    await insert('registry mirror', { permissions: ['read:registries'] })

    const { page, requested, problems } = await visit(t, browser)
    await open(page, keysOf(organizationId))
    const rows = page.getByRole('table', { name: 'API keys' }).locator('tbody tr')
    /** Waits until the list shows these keys only. */
    const shows = async (...names: string[]): Promise<void> => {
      for (const name of names) await rows.getByRole('link', { name, exact: true }).waitFor()
      await waitFor(async () => (await rows.count()) === names.length)
    }
    const unused = page.getByRole('button', { name: '1 unused for 90 days' })
    await unused.click()
    await page.waitForURL(/status=unused/)
    await shows('yearly report')
    assert.equal(await unused.getAttribute('aria-pressed'), 'true')
    await page.getByRole('combobox', { name: 'Status' }).getByText('Unused for 90 days').waitFor()
    assert.deepEqual(await axeViolations(page), [])
    await unused.click()
    await page.waitForURL((url) => !url.search.includes('status'))
    await page.getByRole('link', { name: 'registry mirror' }).waitFor()

    const search = page.getByRole('searchbox', { name: 'Search keys' })
    const isSent = (q: string): boolean =>
      requested
        .map((one) => new URL(one))
        .some((one) => one.pathname === '/api-keys' && one.searchParams.get('q') === q)
    await search.fill('read:registries')
    // An administrator may do everything: the search is for what the key names.
    await shows('registry mirror')
    await search.fill('lovelace')
    await shows('yearly report', 'registry mirror')
    await search.fill('lovelace registries')
    await shows('registry mirror')
    for (const q of ['read:registries', 'lovelace', 'lovelace registries']) assert.ok(isSent(q), q)
    await search.fill('lovelace volumes')
    await page.getByText('No key matches').waitFor()
    assert.deepEqual(problems, [])
  })
})
