import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { waitFor } from '@daytona-auth/testing'
import { browseToCallback } from './oauth-flow.ts'
import { createTempDirectory, readCredentials, startStandalone } from './standalone.ts'

// Runs the commands of the README as printed; only the port differs.

const readme = await readFile(join(import.meta.dirname, '../../../README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text = '']) => ({ language, text }))
const [, keys, app, start] = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
const [program] = blocks.filter(({ language }) => language === 'js').map(({ text }) => text)

const dataDir = join(await createTempDirectory({ after }), '.data')
const service = await startStandalone({ after }, { dataDir })
await service.ready()

const run = promisify(execFile)
const withTestOrigin = (text = '') => {
  assert.ok(text.includes('http://localhost:3000'), 'the README no longer has this example')
  return text.replaceAll('http://localhost:3000', service.origin)
}
const runShell = async (script: string) => (await run('bash', ['-euc', script], { cwd: dirname(dataDir) })).stdout

describe('the README', () => {
  it('shows the two commands first', () => {
    assert.match(blocks[0]?.text ?? '', /^npx pnpm@12 start\b.*\nnpx pnpm@12 test\b/)
  })

  it('creates a key, sends requests with it, and receives a 403, as printed', async () => {
    const expected = [...(keys ?? '').matchAll(/^#> (.*)$/gm)].map(([, line]) => line)
    assert.equal(expected.length, 2)
    for (const run of ['first', 'second'])
      assert.equal(await runShell(withTestOrigin(keys)), expected.join(''), `the ${run} run`)
  })

  it('signs a person in with a client library, as printed', async (t) => {
    assert.match(program ?? '', /^\/\/ sign-in\.mjs\n/)
    assert.equal(start, 'npm install openid-client && node sign-in.mjs\n')
    const clientId = (
      await runShell(`FIRST=${(await readCredentials(dataDir)).apiKey}\n${withTestOrigin(app)}\necho $CLIENT_ID`)
    ).trim()
    // Beside this file, where openid-client is installed.
    const file = join(import.meta.dirname, `readme-${process.pid}.tmp.mjs`)
    await writeFile(file, withTestOrigin(program))
    t.after(() => rm(file))
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, CLIENT_ID: clientId },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })

    const page = await waitFor(() => /^open (.*)\n/.exec(output)?.[1], 20_000)
    const { user, organizationId } = await readCredentials(dataDir)
    const callback = await browseToCallback(new URL(page), user, {
      redirectUri: new URL('/callback', new URL(page).searchParams.get('redirect_uri') ?? '').href,
      organizationIds: [organizationId],
    })
    assert.equal(await (await fetch(callback)).text(), 'You may close this page.')
    await once(child, 'close')
    assert.equal(child.exitCode, 0)
    for (const part of [`id: '${user.id}'`, `email: '${user.email}'`]) assert.ok(output.includes(part), output)
  })

  it('gives secret scanners a pattern that finds a key', async () => {
    const pattern = /^## For secret scanners\n\n```\n(.*)\n```/m.exec(readme)?.[1]
    assert.ok(pattern)
    assert.match(`KEY="${(await readCredentials(dataDir)).apiKey}"`, new RegExp(pattern))
  })
})
