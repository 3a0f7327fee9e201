import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Scope } from './database.ts'
import { freePort } from './free-port.ts'
import { waitFor } from './wait-for.ts'

/** A Redis of a test's own, which keeps nothing and can fail. */
export interface RedisServer {
  readonly url: string
  /** Sends a command as `redis-cli` would, and returns the answer as it came. */
  ask(command: string): Promise<string>
  /** It keeps its connections and answers nothing (SIGSTOP), until `resume`. */
  pause(): void
  resume(): void
  kill(): Promise<void>
  /** After `kill`: empty, on the same port. */
  start(): Promise<void>
}

/** Why nothing can be tried with Redis here; in CI it must be there. */
export function redisMissing(): string | false {
  const isThere = spawnSync('redis-server', ['--version']).error === undefined
  return isThere || process.env['CI'] ? false : 'redis-server is not installed: apt-get install redis-server'
}

/** Starts a `redis-server` on a free port of 127.0.0.1, told more by `options` (`['--requirepass', 'x']`), until the end of `scope`. */
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

  async function kill() {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }

  scope.after(kill)
  return {
    url: `redis://127.0.0.1:${port}`,
    ask: (command) => ask(port, command),
    pause: () => server.kill('SIGSTOP'),
    resume: () => server.kill('SIGCONT'),
    kill,
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
