import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { SERVER_VARIABLE } from '../src/server-variable.ts'
import { findParts, findTestFiles } from './parts.ts'
import { Report, type TestEvent } from './report.ts'
import { runAll, type Work } from './schedule.ts'
import { listNodeArguments, parseCommandLine, selectFiles } from './select-files.ts'

/**
 * Runs the tests of the part in the working directory, or of all parts with `--all`:
 * `node ../../packages/testing/runner/main.ts [--all] [--slow] [--without-database] [file…]`. Without files it runs all that are
 * not slow, or the slow ones with `--slow`. `--without-database` starts no PostgreSQL for the run. Other options are passed to
 * Node, such as `--test-name-pattern`.
 */
const root = join(import.meta.dirname, '../../..')

/**
 * More than the cores of a small machine, because tests wait: for timers, locks and processes. The slow ones wait less, and
 * those of browsers have time limits.
 */
const PROCESSES = 3
const SLOW_PROCESSES = 2
const commandLine = parseCommandLine(process.argv.slice(2))
const directories = commandLine.isForAllParts ? await findParts(root) : [relative(root, process.cwd())]

interface Part {
  readonly directory: string
  readonly shared: readonly string[]
  readonly isolated: readonly string[]
  readonly claims: string
  remaining(): number
}

const temporary = mkdtempSync(join(tmpdir(), 'daytona-auth-runner-'))
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))
const parts = await Promise.all(
  directories.map(async (directory): Promise<Part> => {
    const { shared, isolated } = selectFiles(commandLine, await findTestFiles(join(root, directory)))
    const claims = mkdtempSync(join(temporary, 'claims-'))
    return { directory, shared, isolated, claims, remaining: () => shared.length - readdirSync(claims).length }
  }),
)
const files = parts.flatMap(({ directory, shared, isolated }) =>
  [...shared, ...isolated].map((file) => join(directory, file)),
)
if (files.length === 0) process.exit(0)

const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort())

const reporter = new spec()
reporter.pipe(process.stdout)
const report = new Report(files, (event) => reporter.write(event))

// Test processes inherit the environment.
process.env['NODE_COMPILE_CACHE'] = join(root, 'node_modules/.cache/node')
const server = commandLine.hasDatabase ? await (await import('../src/server.ts')).startTestServer() : undefined
if (server) process.env[SERVER_VARIABLE] = server.url
try {
  // It may have been interrupted while the server started.
  if (!interrupt.signal.aborted) await runAll(parts, commandLine.isSlow ? SLOW_PROCESSES : PROCESSES, start)
} finally {
  await server?.stop()
}

const { isSuccess, withoutTests } = report.result()
await new Promise<void>((resolve) => reporter.on('end', resolve).end())
for (const line of report.lines()) process.stdout.write(`${line}\n`)
// A filter selects no test of most files.
if (withoutTests.length === files.length || (withoutTests.length > 0 && commandLine.nodeArguments.length === 0)) {
  process.stdout.write(
    `Files that ran no test, or whose process ended early:\n${withoutTests.map((file) => `  ${file}\n`).join('')}`,
  )
}
process.exitCode = isSuccess && !interrupt.signal.aborted ? 0 : 1

async function start({ part, file }: Work<Part>): Promise<void> {
  const events = run({
    files: [file ?? join(import.meta.dirname, 'shared-process.ts')],
    cwd: join(root, part.directory),
    argv: file === undefined ? [part.directory, part.claims, ...part.shared] : [],
    execArgv: ['--import', new URL('end-with-process.ts', import.meta.url).href, ...listNodeArguments(commandLine)],
    signal: interrupt.signal,
  })
  const ofFile = file === undefined ? undefined : join(part.directory, file)
  await report.add({ file: ofFile, events: events as AsyncIterable<TestEvent> })
}
