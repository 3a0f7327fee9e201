import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { waitFor } from '@daytona-auth/testing'
import { spawn } from '@lydell/node-pty'
import {
  apiKey,
  createHomeWithKey,
  createHomeWithSession,
  expectSuccess,
  getConfigPath,
  readConfigOf,
  user,
} from './fixtures.ts'

const MAIN = join(import.meta.dirname, 'patient-main.ts')
const DAYTONA = `"${process.execPath}" "${MAIN}"`

describe('completion of names', () => {
  const home = createHomeWithKey()
  const complete = async (words: readonly string[], env: Record<string, string> = {}) =>
    (await expectSuccess(home.daytona(['complete', '--', ...words], { env })))
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')[0])

  before(async () => {
    for (const name of ['Completed key', 'completed: two'])
      await expectSuccess(home.daytona(['api-key', 'create', name, '--permissions', 'read:sandboxes', '-q']))
  })

  it('offers keys, organizations, members, roles and apps of the server', async () => {
    assert.deepEqual(await complete(['api-key', 'get', 'Comp']), ['Completed key'])
    assert.deepEqual(await complete(['organization', 'leave', 'Sh']), ['Shared'])
    assert.deepEqual(await complete(['whoami', '--organization', 'Sh']), ['Shared'])
    assert.deepEqual(await complete(['member', 'remove', 'own']), [user.email])
    assert.deepEqual(await complete(['api-key', 'delete', 'x', '--user', 'own']), [user.email])
    assert.deepEqual(await complete(['member', 'update', 'x', '--roles', 'Viewer,Dev']), ['Viewer,Developer'])
    const web = ['--type', 'web', '--redirect-uri', 'https://completed.example/cb', '-q']
    const [clientId = ''] = (await expectSuccess(home.daytona(['app', 'create', 'Completed', ...web]))).split('\n')
    assert.deepEqual(await complete(['app', 'get', clientId.slice(0, -3)]), [clientId])
  })

  it('offers only names of one’s own, and none for new things', async () => {
    const { stdout } = await home.daytona(['complete', '--', 'api-key', 'rotate', ''])
    assert.ok(stdout.includes('first-run\t') && !stdout.includes(apiKey), stdout)
    assert.deepEqual(await complete(['api-key', 'create', 'Comp']), [])
  })

  it('offers the profiles of the configuration, with their servers', async () => {
    const other = createHomeWithKey()
    const profiles = { default: { apiUrl: 'https://api.example.com' }, work: { apiUrl: 'https://work.example.com' } }
    await mkdir(dirname(getConfigPath(other)), { recursive: true })
    await writeFile(getConfigPath(other), JSON.stringify({ version: 1, profiles }))
    const offered = async (...words: string[]) => (await other.daytona(['complete', '--', ...words])).stdout
    assert.equal(
      await offered('whoami', '--profile', ''),
      'default\thttps://api.example.com\nwork\thttps://work.example.com\n',
    )
    assert.equal(await offered('config', 'set', 'profile', 'w'), 'work\thttps://work.example.com\n')
  })

  it('is silent without a server, a credential, or an answer within the time limit', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    try {
      await waitFor(() => silent.listening)
      const address = silent.address()
      const port = typeof address === 'object' ? address?.port : undefined
      for (const env of [
        { DAYTONA_API_URL: 'http://127.0.0.1:1' },
        { DAYTONA_API_KEY: 'none' },
        { DAYTONA_API_URL: `http://127.0.0.1:${port}` },
        { DAYTONA_API_URL: '' },
      ]) {
        const result = await home.daytona(['complete', '--', 'api-key', 'get', ''], { env, namesTimeoutMs: 200 })
        assert.deepEqual(result, { code: 0, stdout: '', stderr: '' })
      }
    } finally {
      silent.closeAllConnections()
      silent.close()
    }
  })

  it('uses a session, and does not refresh it', async () => {
    const session = await createHomeWithSession()
    const completed = () => session.daytona(['complete', '--', 'organization', 'use', 'Sh'])
    assert.match((await completed()).stdout, /^Shared\t/)
    const config = await readConfigOf(session)
    config.profiles.default.credential.expiresAt = new Date(Date.now() - 1000).toISOString()
    await writeFile(getConfigPath(session), JSON.stringify(config))
    assert.deepEqual(await completed(), { code: 0, stdout: '', stderr: '' })
    assert.deepEqual(await readConfigOf(session), config)
  })
})

/** Shells in a pseudo-terminal: how they start, and how they load the script. */
const SHELLS: readonly { name: string; args: readonly string[]; load: string }[] = [
  {
    name: 'bash',
    args: ['--norc', '--noprofile', '-i'],
    load: `daytona() { ${DAYTONA} "$@"; }; source <(daytona completion bash)`,
  },
  {
    name: 'zsh',
    args: ['-f', '-i'],
    load: `daytona() { ${DAYTONA} "$@" }; autoload -Uz compinit; compinit -D -u; source <(daytona completion zsh)`,
  },
  {
    name: 'fish',
    args: ['--no-config', '-i'],
    load: `function daytona; ${DAYTONA} $argv; end; daytona completion fish | source`,
  },
]

for (const { name, args, load } of SHELLS) {
  const path = ['/usr/bin', '/bin', '/usr/local/bin'].map((folder) => join(folder, name)).find(existsSync)
  describe(`the script for ${name} in a terminal`, { skip: path === undefined && `${name} is not installed` }, () => {
    if (path === undefined) return
    const home = createHomeWithKey()
    const terminal = spawn(path, [...args], {
      cols: 160,
      rows: 40,
      env: {
        PATH: String(process.env['PATH']),
        HOME: String(home.env['XDG_CONFIG_HOME']),
        TERM: 'xterm-256color',
        PS1: '$> ',
        NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/compiled'),
        ...home.env,
      },
    })
    after(() => terminal.kill('SIGKILL'))
    let sent = ''
    terminal.onData((data) => {
      sent += data
    })
    // What follows the progress of a slow request begins at the first column.
    const readScreen = (): string => stripVTControlCharacters(sent.replaceAll('\u001B[1G', '\r'))
    const see = (pattern: RegExp): Promise<unknown> =>
      waitFor(() => pattern.test(readScreen())).catch(() => assert.fail(readScreen()))
    it('inserts a name with spaces as one word', async () => {
      await mkdir(join(String(home.env['XDG_CONFIG_HOME']), '.config'), { recursive: true })
      terminal.write(`${load}; echo load''ed\r`)
      await see(/loaded/)
      for (const typed of ['Completed', '"Completed', 'Completed\\ ']) {
        sent = ''
        terminal.write(`daytona api-key get ${typed}\t`)
        // The completion is on the screen before the line is run.
        await see(/Completed(\\ | )key/)
        terminal.write(' --jq .name\r')
        await see(/^Completed key\r?$/m)
      }
    })
  })
}
