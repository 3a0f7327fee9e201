import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { freePort, waitFor } from '@daytona-auth/testing'
import { browseToCallback } from './oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from './standalone.ts'

// Runs the commands and programs of the guides as a reader would copy them from the pages; only the key is filled in.

const dataDir = join(await createTempDirectory({ after }), '.data')
const service = await startStandalone({ after }, { dataDir })
await service.ready()
const { origin } = service
const { user, organizationId, apiKey } = await readCredentials(dataDir)
const run = promisify(execFile)

const GUIDES = ['', 'authentication', 'permissions', 'organizations', 'oauth', 'pagination']

interface Block {
  readonly language: string
  readonly text: string
}

/** Reads the blocks of code of a page, as a browser shows them. */
async function readBlocks(page: string): Promise<readonly Block[]> {
  const html = await (await fetch(`${origin}/docs/${page}`.replace(/\/$/, ''))).text()
  return [...html.matchAll(/<code class="language-(\w+)">([\s\S]*?)<\/code><\/pre>/g)].map(
    ([, language = '', escaped = '']) => ({
      language,
      text: escaped.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    }),
  )
}

/** The programs of a page, by the name in their first line. */
const programsOf = (blocks: readonly Block[]) =>
  blocks.flatMap(({ language, text }) => {
    const [, name] = (language === 'js' && /^\/\/ (\S+\.mjs)\n/.exec(text)) || []
    return name === undefined ? [] : [{ name, text }]
  })

const expectedOf = ({ text }: Block) => [...text.matchAll(/^#> (.*)$/gm)].map(([, line]) => line ?? '')

/** One script of all commands. Only those with an expected output print. */
const scriptOf = (blocks: readonly Block[]) =>
  blocks
    .filter(({ language }) => language === 'sh')
    .map((block) => (expectedOf(block).length > 0 ? block.text : `{ ${block.text}\n} > /dev/null`))
    .join('\n')
    .replaceAll('YOUR_API_KEY', apiKey)

/** A folder of its own, in which `openid-client` is found. */
async function createFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(import.meta.dirname, 'guide-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

describe('the guides', () => {
  for (const guide of GUIDES) {
    it(`/docs/${guide} has commands that do what it states, twice`, async (t) => {
      const blocks = await readBlocks(guide)
      const folder = await createFolder(t)
      for (const { name, text } of programsOf(blocks)) await writeFile(join(folder, name), text)
      const expected = blocks.flatMap(expectedOf)
      const env = { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` }
      for (const attempt of ['first', 'second']) {
        const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', scriptOf(blocks)], { cwd: folder, env })
        // JSON ends without a line break, so that lines of the output join.
        assert.equal(stdout.replaceAll('\n', ''), expected.join(''), `the ${attempt} run`)
      }
      assert.ok(blocks.some(({ language }) => language === 'sh'))
    })
  }

  it('/docs/oauth has a web app that signs a person in, and only the browser that began', async (t) => {
    const port = await freePort()
    const blocks = (await readBlocks('oauth')).map(({ language, text }) => ({
      language,
      text: text.replaceAll('8080', String(port)),
    }))
    const [program] = programsOf(blocks)
    assert.equal(program?.name, 'web-app.mjs')
    const folder = await createFolder(t)
    await writeFile(join(folder, 'web-app.mjs'), program.text)
    const { stdout } = await run('bash', ['-euc', `${scriptOf(blocks)}\necho "$CLIENT_ID $CLIENT_SECRET"`])
    const [CLIENT_ID, CLIENT_SECRET] = stdout.trim().split(' ')
    const child = spawn(process.execPath, [join(folder, 'web-app.mjs')], {
      env: { ...process.env, CLIENT_ID, CLIENT_SECRET },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    t.after(() => child.kill('SIGKILL'))
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    const home = await waitFor(() => /^open (.*)\n/.exec(output)?.[1], 20_000)

    /** Begins in a browser, and signs in at the provider. */
    const begin = async () => {
      const first = await fetch(home, { redirect: 'manual' })
      const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      const callback = await browseToCallback(new URL(first.headers.get('location') ?? ''), user, {
        redirectUri: `http://localhost:${port}/callback`,
        organizationIds: [organizationId],
      })
      return { cookie, callback }
    }
    const stolen = await begin()
    assert.equal((await fetch(stolen.callback)).status, 400, 'another browser')
    const { cookie, callback } = await begin()
    const page = await fetch(callback, { headers: { cookie } })
    assert.equal(
      await page.text(),
      `You are ${user.email} (${user.id}).\nSandboxes: {"items":[],"nextCursor":null}\n`,
      output,
    )
    assert.equal((await fetch(callback, { headers: { cookie } })).status, 400, 'a second time')
  })
})
