import { run } from './run.ts'

// A reader that closes the pipe early (`daytona-auth audit export … | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

await run(process.argv.slice(2), process)
