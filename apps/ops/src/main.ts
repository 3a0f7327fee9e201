import { run } from './run.ts'

// A reader that has seen enough (`daytona-auth audit export … | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

await run(process.argv.slice(2), process)
