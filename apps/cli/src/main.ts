#!/usr/bin/env node
import { run } from './run.ts'

// A reader that has seen enough (`daytona audit export | head`) is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

const { stdin, stdout, stderr, env } = process
process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env, now: Date.now })
// A question that was asked leaves standard input open, which would keep the process.
stdin.unref?.()
