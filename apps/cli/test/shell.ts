import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { waitFor } from '@daytona-auth/testing'
import { spawn } from '@lydell/node-pty'
import type { Home } from './world.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')
const PROMPT = '$> '

/** A person at a terminal: a shell in which `daytona` is our command. */
export interface Shell {
  /** Types a line, and answers with what stood there when the shell asked for the next one, and its exit code. */
  run(line: string): Promise<{ text: string; code: number }>
  /** Types a line of which the answer takes a while. */
  type(line: string): void
  /** Waits for a match in what stands there since the last line was typed. */
  see(pattern: RegExp): Promise<RegExpExecArray>
  /** Waits for the shell to ask for the next line. */
  prompt(): Promise<{ text: string; code: number }>
  /** What stands there since the last line was typed. */
  screen(): string
  /** All that the terminal was sent, colours included. */
  sent(): string
  press(keys: string): void
  close(): void
}

/** Everything is real: a terminal, a shell, processes. `launch` begins the command instead of Node and the source. */
export function openShell({ env }: Home, launch = `"${process.execPath}" "${MAIN}"`): Shell {
  const terminal = spawn('/bin/sh', ['-i'], {
    cols: 200,
    rows: 50,
    env: {
      PATH: String(process.env['PATH']),
      TERM: 'xterm-256color',
      PS1: PROMPT,
      ENV: '',
      NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/compiled'),
      ...env,
    },
  })
  let screen = ''
  let sent = ''
  terminal.onData((data) => {
    sent += data
    screen += stripVTControlCharacters(data)
  })
  const shell: Shell = {
    async run(line) {
      shell.type(line)
      return shell.prompt()
    },
    type(line) {
      screen = ''
      terminal.write(`${line}\r`)
    },
    see: (pattern) => waitFor(() => pattern.exec(screen) ?? undefined, 20_000),
    async prompt() {
      await waitFor(() => screen.endsWith(PROMPT), 20_000)
      const text = screen.slice(0, -PROMPT.length).replaceAll('\r', '')
      screen = ''
      terminal.write('echo "code=$?"\r')
      const [, code] = await waitFor(() => /^code=(\d+)\r?\n\$> $/m.exec(screen) ?? undefined, 20_000)
      return { text, code: Number(code) }
    },
    screen: () => screen,
    sent: () => sent,
    press: (keys) => terminal.write(keys),
    close: () => terminal.kill('SIGKILL'),
  }
  screen = ''
  terminal.write(`daytona() { ${launch} "$@"; }\r`)
  return shell
}
