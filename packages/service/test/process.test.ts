import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ConfigError, describeStartupError, StartupError } from '../src/index.ts'

const PROCESS = fileURLToPath(new URL('./fixtures.process.ts', import.meta.url))

/** Starts a process, sends signals after the given outputs, and returns how it ended. */
async function run(how: string, signals: Record<string, NodeJS.Signals[]> = {}) {
  const child = spawn(process.execPath, [PROCESS, how], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 })
  let out = ''
  let err = ''
  const pending = new Map(Object.entries(signals))
  child.stdout.on('data', (chunk) => {
    out += chunk
    for (const [text, wanted] of pending) {
      if (!out.includes(text)) continue
      pending.delete(text)
      for (const signal of wanted) child.kill(signal)
    }
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const [code] = await once(child, 'close')
  const lines = out.trim().split('\n').filter(Boolean)
  const said = lines.filter((line) => !line.startsWith('{'))
  const logged = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  return { code, said, logged: logged.map(({ level, msg }) => `${level}: ${msg}`), err, out }
}

describe('runUntilSignal', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`closes in reverse order on ${signal}, flushes the log and exits with 0`, async () => {
      const { code, said, logged, err } = await run('well', { ready: [signal] })
      assert.deepEqual(said, ['ready', 'closed second', 'closed first'])
      assert.deepEqual(logged, ['info: stopping', 'info: stopped'])
      assert.deepEqual([code, err], [0, ''])
    })
  }

  it('ends at once on a second signal', async () => {
    const { code, said } = await run('twice-hangs', { ready: ['SIGTERM'], stopping: ['SIGINT'] })
    assert.deepEqual(said, ['ready'])
    assert.equal(code, 130)
  })

  it('counts the same Ctrl-C from the terminal and from pnpm as one signal', async () => {
    const { code, said } = await run('well', { ready: ['SIGINT', 'SIGTERM'] })
    assert.deepEqual(said, ['ready', 'closed second', 'closed first'])
    assert.equal(code, 0)
  })

  it('exits with 1 at its deadline if a closer does not finish', async () => {
    const { code, said, logged } = await run('close-hangs', { ready: ['SIGTERM'] })
    assert.deepEqual(said, ['ready'])
    assert.deepEqual(logged, ['info: stopping', 'error: not stopped in time'])
    assert.equal(code, 1)
  })

  it('runs the other closers if one fails, and exits with 1', async () => {
    const { code, said, logged } = await run('close-fails', { ready: ['SIGTERM'] })
    assert.deepEqual(said, ['ready', 'closed first'])
    assert.deepEqual(logged, ['info: stopping', 'error: stopping failed'])
    assert.equal(code, 1)
  })

  it('stops during startup', async () => {
    const { code, logged } = await run('start-hangs', { ready: ['SIGINT'] })
    assert.deepEqual(logged, ['info: stopping', 'error: not stopped in time'])
    assert.equal(code, 1)
  })

  it('does not wait for startup if that observes the signal', async () => {
    const { code, said, err } = await run('start-waits', { waiting: ['SIGTERM'] })
    assert.deepEqual(said, ['waiting', 'closed first'])
    assert.deepEqual([code, err], [0, ''])
  })

  it('closes what it opened if startup fails, prints the reason without secrets, and exits with 1', async () => {
    const { code, said, err } = await run('start-fails')
    assert.deepEqual(said, ['closed first'])
    assert.match(err, /^Error: connect to postgres:\/\/\[redacted\]@db failed\n {4}at /)
    assert.equal(code, 1)
  })

  it('prints the remedy of a known error in one line', async () => {
    const { code, err } = await run('mute-start-fails')
    assert.equal(err, 'port 80 is in use: stop the process that listens there, or choose another with PORT\n')
    assert.equal(code, 1)
  })

  it('shuts down on an uncaught error, and exits with 1', async () => {
    const { code, said, logged } = await run('fault')
    assert.deepEqual(said, ['ready', 'closed second', 'closed first'])
    assert.deepEqual(logged, ['fatal: uncaught error', 'info: stopped'])
    assert.equal(code, 1)
  })
})

describe('describeStartupError', () => {
  const coded = (members: object) => Object.assign(new Error('internal words'), members)
  const table: [error: unknown, text: string][] = [
    [
      new ConfigError(['PORT is required', 'HOST is required']),
      'invalid environment: PORT is required; HOST is required',
    ],
    [
      coded({ syscall: 'listen', code: 'EADDRINUSE', port: 3000 }),
      'port 3000 is in use: stop the process that listens there, or choose another with PORT',
    ],
    [
      coded({ syscall: 'listen', code: 'EACCES', port: 80 }),
      'this user may not listen on port 80: choose one above 1023 with PORT',
    ],
    [
      coded({ syscall: 'listen', code: 'EADDRNOTAVAIL', address: '192.0.2.1' }),
      'this machine does not have the address 192.0.2.1: set HOST to one that it has, such as 127.0.0.1 or 0.0.0.0',
    ],
    [
      coded({ syscall: 'mkdir', code: 'EACCES', path: '/data' }),
      '/data may not be written or read by this user (EACCES): change its owner, or choose another place',
    ],
    [coded({ syscall: 'write', code: 'ENOSPC', path: '/data/x' }), '/data/x cannot be written: the disk is full'],
    [coded({ code: '3D000' }), 'the database of DATABASE_URL does not exist: create it, or correct the name'],
    [
      coded({ code: '28P01' }),
      'the database refused the user or password of DATABASE_URL: correct them, or let the user in (pg_hba.conf)',
    ],
    [
      new Error('Failed query', { cause: new AggregateError([coded({ code: 'ECONNREFUSED', syscall: 'connect' })]) }),
      'the database cannot be reached (ECONNREFUSED): check that it runs and that DATABASE_URL is right',
    ],
    [new StartupError('/data is in use: stop the other one'), '/data is in use: stop the other one'],
    ['just text', 'just text'],
  ]
  for (const [error, text] of table) {
    it(text, () => {
      assert.equal(describeStartupError(error), text)
    })
  }
})
