import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SNAPSHOT = join(import.meta.dirname, 'openapi.snapshot.json')
const bin = (name: string) => join(import.meta.dirname, '../node_modules/.bin', name)

const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-lint-'))
after(() => rm(directory, { recursive: true }))

/**
 * Operations that answer no error of their own: they are public, have no parameters and read no credential. The rule
 * expects a 4XX of every operation.
 */
const WITHOUT_4XX = [
  '/openapi.json',
  '/health',
  '/health/ready',
  '/config',
  '/shared-regions',
  '/.well-known/oauth-protected-resource',
]

/** Runs a linter, which fails if it finds something. Returns what it prints. */
const lint = (name: string, ...args: string[]): Promise<string> =>
  run(bin(name), args, {
    cwd: directory,
    env: { PATH: process.env['PATH'], REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  }).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      assert.ok(stdout, stderr)
      return stdout
    },
  )

it('passes the recommended rules of Redocly, except for operations without errors of their own', async () => {
  const config = join(directory, 'redocly.yaml')
  await writeFile(config, 'extends: [recommended]\ntelemetry: off\n')
  const output = await lint('redocly', 'lint', SNAPSHOT, `--config=${config}`, '--format=json', '--max-problems=1000')
  const { problems } = JSON.parse(output) as {
    problems: { ruleId: string; message: string; location: { pointer?: string }[] }[]
  }
  const exceptions = WITHOUT_4XX.map(
    (path) => `operation-4xx-response #/paths/${path.replaceAll('/', '~1')}/get/responses`,
  )
  assert.deepEqual(
    problems.map(({ ruleId, location }) => `${ruleId} ${location[0]?.pointer}`).sort(),
    exceptions.sort(),
    output,
  )
})

it('passes the OpenAPI rules of Spectral', async () => {
  const rules = join(directory, 'spectral.yaml')
  await writeFile(rules, 'extends: ["spectral:oas"]\n')
  const output = await lint(
    'spectral',
    'lint',
    SNAPSHOT,
    `--ruleset=${rules}`,
    '--format=json',
    '--quiet',
    '--fail-severity=hint',
  )
  assert.deepEqual(JSON.parse(output), [])
})
