#!/usr/bin/env node
import { run } from './run.ts'

// Writes report their errors to the command, which may have a secret to save. Without a listener, the stream's error
// event would end the process first.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const { stdin, stdout, stderr, env } = process
process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env, now: Date.now })
// A prompt leaves standard input open, which would keep the process running.
stdin.unref?.()
