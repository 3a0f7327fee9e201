import { spawn } from 'node:child_process'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { selectFiles } from './select-files.ts'

/**
 * Runs the tests of the part in the working directory: `node ../../packages/testing/runner/main.ts [--slow] [--without-database] [file…]`.
 * Without files it runs all that are not slow, or the slow ones with `--slow`. `--without-database` starts no
 * PostgreSQL for the run. Other options are passed to Node, such as `--test-name-pattern`.
 */
const root = join(import.meta.dirname, '../../..')
const { files, nodeArguments, hasDatabase } = selectFiles(
  process.argv.slice(2),
  await Array.fromAsync(glob('{src,test,runner,words}/**/*.test.ts')),
)
if (files.length === 0) process.exit(0)

const child = spawn(
  process.execPath,
  [
    '--test',
    '--test-concurrency=2',
    ...(hasDatabase ? [`--test-global-setup=${join(import.meta.dirname, '../src/global-setup.ts')}`] : []),
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(import.meta.dirname, 'slowest-files.ts')}`,
    '--test-reporter-destination=stdout',
    ...nodeArguments,
    ...files,
  ],
  { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') } },
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1
})
