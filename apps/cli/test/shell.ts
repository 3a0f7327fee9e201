import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { waitFor } from '@daytona-auth/testing'
import { spawn } from '@lydell/node-pty'
import type { Home } from './fixtures.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')
const PROMPT = '$> '

/** A shell in a pseudo-terminal, in which `daytona` runs this program. */
export interface Shell {
  /** Types a line; returns the text until the next prompt, and the exit code. */
  run(line: string): Promise<{ text: string; code: number }>
  /** Types a line without waiting. */
  type(line: string): void
  /** Waits for a match in the text since the last typed line. */
  see(pattern: RegExp): Promise<RegExpExecArray>
  /** Waits for the shell's prompt. */
  prompt(): Promise<{ text: string; code: number }>
  /** Returns the text since the last typed line. */
  screen(): string
  /** Returns everything sent to the terminal, colours included. */
  sent(): string
  press(keys: string): void
  /** Changes the width of the terminal. */
  resize(columns: number): void
  close(): void
}

/** Opens a shell. `launch` starts the command instead of Node and the source. */
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
    see: (pattern) => waitFor(() => pattern.exec(screen) ?? undefined),
    async prompt() {
      await waitFor(() => screen.endsWith(PROMPT))
      const text = screen.slice(0, -PROMPT.length).replaceAll('\r', '')
      screen = ''
      terminal.write('echo "code=$?"\r')
      const [, code] = await waitFor(() => /^code=(\d+)\r?\n\$> $/m.exec(screen) ?? undefined)
      return { text, code: Number(code) }
    },
    screen: () => screen,
    sent: () => sent,
    press: (keys) => terminal.write(keys),
    resize: (columns) => terminal.resize(columns, 50),
    close: () => terminal.kill('SIGKILL'),
  }
  screen = ''
  terminal.write(`daytona() { ${launch} "$@"; }\r`)
  return shell
}
