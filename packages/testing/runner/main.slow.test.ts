import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { waitFor } from '../src/wait-for.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const IMPORTS = "import { after, afterEach, before, beforeEach, describe, it } from 'node:test'\n"
const PASSING = "it('passes', () => {})"

interface Ran {
  readonly code: number
  readonly output: string
}

/** Runs the runner on a part of these files, in a process of its own. */
async function runPart(t: TestContext, files: Record<string, string>, options: readonly string[] = []): Promise<Ran> {
  const part = await mkdtemp(join(tmpdir(), 'daytona-auth-runner-test-'))
  t.after(() => rm(part, { recursive: true, force: true }))
  for (const [name, source] of Object.entries(files)) {
    await mkdir(dirname(join(part, name)), { recursive: true })
    await writeFile(join(part, name), IMPORTS + source)
  }
  // Set in test processes, where it turns `run` of `node:test` off.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = execFile(process.execPath, [MAIN, '--without-database', ...options], { cwd: part, env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text))
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)))
  return { code, output }
}

const SHOW = "const show = (text) => console.log('>' + process.pid + ' ' + text)\n"
const shown = (output: string) => [...output.matchAll(/>(\d+) (.*)/g)].map(([, pid, text]) => ({ pid, text }))

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the runner', () => {
  it('runs files one after another in one process, and the hooks of each around its tests', async (t) => {
    const file = (name: string) => `${SHOW}
      show('load ${name}')
      await new Promise((resolve) => setTimeout(resolve, 20))
      before(async () => { await new Promise((resolve) => setTimeout(resolve, 20)); show('before ${name}') })
      beforeEach(() => show('each ${name}'))
      after(async () => { await new Promise((resolve) => setTimeout(resolve, 20)); show('after ${name}') })
      describe('a suite', () => { it('runs', () => show('test ${name}')) })`
    const { code, output } = await runPart(t, { 'test/a.test.ts': file('a'), 'test/b.test.ts': file('b') })
    assert.equal(code, 0, output)
    const lines = shown(output)
    assert.deepEqual(
      lines.map(({ text }) => text),
      ['a', 'b'].flatMap((name) => ['load', 'before', 'each', 'test', 'after'].map((what) => `${what} ${name}`)),
    )
    assert.equal(new Set(lines.map(({ pid }) => pid)).size, 1)
  })

  it('runs isolated and slow files in their own processes', async (t) => {
    const file = `${SHOW}it('passes', () => show('here'))`
    const files = { 'test/a.test.ts': file, 'test/b.isolated.test.ts': file, 'test/c.isolated.test.ts': file }
    const { code, output } = await runPart(t, { ...files, 'test/d.slow.test.ts': file })
    assert.equal(code, 0, output)
    assert.equal(new Set(shown(output).map(({ pid }) => pid)).size, 3)
    assert.equal(shown((await runPart(t, { 'test/d.slow.test.ts': file }, ['--slow'])).output).length, 1)
  })

  it('prints the slowest files and the number of tests', async (t) => {
    const slow = "it('waits', () => new Promise((resolve) => setTimeout(resolve, 1500)))"
    const { output } = await runPart(t, {
      'test/quick.test.ts': PASSING,
      'test/slow.test.ts': slow,
      'test/slower.isolated.test.ts': slow.replace('1500', '4000'),
    })
    const slowest = output.slice(output.indexOf('Slowest files:')).split('\n').slice(1, 4)
    assert.deepEqual(
      slowest.map((line) => line.replace(/.*\//, '')),
      ['slower.isolated.test.ts', 'slow.test.ts', 'quick.test.ts'],
    )
    assert.match(output, /\d+ tests: \d+ passed, 0 failed, 0 skipped, 0 to do/)
  })

  it('runs the tests of a name', async (t) => {
    const file = `${SHOW}describe('a suite', () => { it('one', () => show('one')); it('two', () => show('two')) })`
    const options = ['test/a.test.ts', '--test-name-pattern=two']
    const { code, output } = await runPart(t, { 'test/a.test.ts': file, 'test/b.test.ts': file }, options)
    assert.equal(code, 0, output)
    assert.deepEqual(
      shown(output).map(({ text }) => text),
      ['two'],
    )
  })

  it('ends after the tests of a name, if a suite without one leaves something open', async (t) => {
    const file = `${SHOW}
      describe('a suite', () => {
        const timer = setInterval(() => {}, 60_000)
        after(() => clearInterval(timer))
        it('one', () => show('one'))
      })
      it('two', () => show('two'))
      after(() => show('after'))`
    const { code, output } = await runPart(t, { 'test/a.test.ts': file }, ['--test-name-pattern=two'])
    assert.equal(code, 0, output)
    assert.deepEqual(
      shown(output).map(({ text }) => text),
      ['two', 'after'],
    )
  })
})

describe('the runner fails, and runs the other files,', () => {
  const FAULTS: Record<string, [source: string, report: RegExp]> = {
    'if a test fails': ["it('fails', () => { throw new Error('the reason') })", /✖ fails[\s\S]*the reason/],
    'if a file throws when it is loaded': ["throw new Error('the reason')", /✖ \S*fault\.test\.ts[\s\S]*the reason/],
    'if a file cannot be loaded': ["import './missing.ts'", /✖ \S*fault\.test\.ts[\s\S]*ERR_MODULE_NOT_FOUND/],
    'if a hook after the last test fails': [
      `after(() => { throw new Error('the reason') })\n${PASSING}`,
      /✖ \S*fault\.test\.ts[\s\S]*the reason/,
    ],
    'if a promise is rejected during a test and no handler is attached': [
      "it('fails', async () => { Promise.reject(new Error('the reason')); await new Promise(setImmediate) })",
      /✖ fails[\s\S]*the reason/,
    ],
    'if a promise is rejected after its test': [
      `it('passes', () => { setTimeout(() => Promise.reject(new Error('the reason')), 50) })
       it('waits', () => new Promise((resolve) => setTimeout(resolve, 200)))`,
      /the reason/,
    ],
    'if a file has no test': ['', /ran no test.*\n.*fault\.test\.ts/],
    'if a file changes the environment': [
      `process.env.CHANGED = 'yes'\n${PASSING}`,
      /✖ \S*fault\.test\.ts leaves the process as it found it[\s\S]*process\.env changed/,
    ],
    'if a file changes the working directory': [`process.chdir('/')\n${PASSING}`, /process\.cwd\(\) changed/],
    'if a file leaves a handler of a signal': [
      `process.on('SIGTERM', () => {})\n${PASSING}`,
      /listeners of SIGTERM changed/,
    ],
  }
  for (const [what, [source, report]] of Object.entries(FAULTS)) {
    it(what, async (t) => {
      const { code, output } = await runPart(t, { 'test/fault.test.ts': source, 'test/next.test.ts': PASSING })
      assert.equal(code, 1, output)
      assert.match(output, report)
      assert.match(output, /✔ \S*next\.test\.ts/)
    })
  }

  it('if a file leaves a server open', async (t) => {
    const source = `import { createServer } from 'node:net'
      globalThis.leftOpen = createServer().listen(0)
      ${PASSING}`
    const next = `globalThis.leftOpen.close()\n${PASSING}`
    const { code, output } = await runPart(t, { 'test/fault.test.ts': source, 'test/next.test.ts': next })
    assert.equal(code, 1, output)
    assert.match(output, /open TCPServerWrap changed/)
  })

  it('if a file ends the process: those after it ran no test', async (t) => {
    const files = { 'test/fault.test.ts': "it('ends', () => process.exit(0))", 'test/next.test.ts': PASSING }
    const { code, output } = await runPart(t, files)
    assert.equal(code, 1, output)
    assert.match(output, /Files that ran no test, or whose process ended early:[\s\S]*fault\.test\.ts/)
  })

  it('if no test has the name', async (t) => {
    const { code, output } = await runPart(t, { 'test/a.test.ts': PASSING }, ['--test-name-pattern=other'])
    assert.equal(code, 1, output)
    assert.match(output, /ran no test.*\n.*a\.test\.ts/)
  })

  it('if an isolated file fails or has no test', async (t) => {
    const failing = await runPart(t, { 'test/fault.isolated.test.ts': "it('fails', () => { throw new Error() })" })
    assert.equal(failing.code, 1, failing.output)
    const empty = await runPart(t, { 'test/fault.isolated.test.ts': '', 'test/next.test.ts': PASSING })
    assert.equal(empty.code, 1, empty.output)
    assert.match(empty.output, /ran no test.*\n.*fault\.isolated\.test\.ts/)
  })

  it('if it is interrupted, and ends what its tests started', async (t) => {
    const source = `import { spawn } from 'node:child_process'
      import { once } from 'node:events'
      ${SHOW}
      it('interrupts', async () => {
        const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'])
        await once(child, 'spawn')
        show('started ' + child.pid)
        await new Promise((resolve) => setTimeout(resolve, 200))
        process.kill(process.ppid, 'SIGTERM')
        await new Promise((resolve) => setTimeout(resolve, 60_000))
      })`
    const { code, output } = await runPart(t, { 'test/a.test.ts': source })
    assert.equal(code, 1, output)
    const pid = Number(/started (\d+)/.exec(output)?.[1])
    assert.ok(pid > 0, output)
    await waitFor(() => !isRunning(pid))
  })

  it('if it is interrupted, and starts no further file', async (t) => {
    const source = `it('interrupts', async () => {
      process.kill(process.ppid, 'SIGTERM')
      await new Promise((resolve) => setTimeout(resolve, 60_000))
    })`
    const next = Array.from({ length: 5 }, (_, place) => [
      `test/next${place}.test.ts`,
      `${SHOW}${PASSING}\nshow('ran')`,
    ])
    const { code, output } = await runPart(t, {
      'test/a.isolated.test.ts': source,
      'test/b.isolated.test.ts': source,
      'test/c.isolated.test.ts': source,
      ...Object.fromEntries(next),
    })
    assert.equal(code, 1, output)
    assert.deepEqual(shown(output), [])
  })
})
