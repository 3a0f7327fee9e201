import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Scope } from './file-scope.ts'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

/** A Redis for one test, without persistence, that can be made to fail. */
export interface RedisServer {
  readonly url: string
  /** Sends a command as `redis-cli` does, and returns the raw answer. */
  ask(command: string): Promise<string>
  /** Stops answering, with open connections (SIGSTOP), until `resume`. */
  pause(): void
  resume(): void
  /** Ends the process (SIGKILL). */
  terminate(): Promise<void>
  /** Starts an empty server on the same port, after `terminate`. */
  start(): Promise<void>
}

/** Returns the reason to skip a test that needs Redis. In CI it must be installed. */
export function redisMissing(): string | false {
  const isThere = spawnSync('redis-server', ['--version']).error === undefined
  return isThere || process.env['CI'] ? false : 'redis-server is not installed: apt-get install redis-server'
}

/** Starts a `redis-server` on a free port of 127.0.0.1 with `options` (`['--requirepass', 'x']`), until the end of `scope`. */
export async function redisServer(scope: Scope, options: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...options]
  let server = await run()

  async function run() {
    const child = spawn('redis-server', args, { stdio: 'ignore' })
    await once(child, 'spawn')
    await waitFor(() => {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
      return ask(port, 'PING')
    })
    return child
  }

  async function terminate() {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }

  scope.after(terminate)
  return {
    url: `redis://127.0.0.1:${port}`,
    ask: (command) => ask(port, command),
    pause: () => server.kill('SIGSTOP'),
    resume: () => server.kill('SIGCONT'),
    terminate,
    async start() {
      server = await run()
    },
  }
}

async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  try {
    await once(socket, 'connect')
    socket.write(`${command}\r\n`)
    const [answer] = await once(socket, 'data')
    return String(answer).trimEnd()
  } finally {
    socket.destroy()
  }
}
