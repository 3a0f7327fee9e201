import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.ts'
import { type Child, type ChildOptions, freePort, startChild } from './child.ts'
import { claimCores, onServerCore } from './cores.ts'
import type { Pair } from './paired.ts'
import { type BenchDatabase, startDatabase } from './postgres.ts'
import { listHottestFunctions } from './profile.ts'
import { describe, type Finding } from './report.ts'
import { measureRequests, REQUEST_LINES, summarize } from './requests.ts'
import { seedKeys, seedOwner, seedTokenIssuer } from './seed.ts'
import { measureStart } from './startup.ts'
import { measureTokens, TOKEN_LINES } from './tokens.ts'

const LINES = [...REQUEST_LINES, ...TOKEN_LINES, 'start'] as const
const apps = join(import.meta.dirname, '../..')
const KEYS = 10_000
const TOKENS = 64
const HOTTEST = 25
const ISSUER = 'http://localhost:3000'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [...LINES] },
    pairs: { type: 'string', default: '60' },
    starts: { type: 'string', default: '6' },
    'slot-ms': { type: 'string', default: '100' },
    profile: { type: 'boolean', default: false },
  },
})
// A profile is of one kind of request.
const only = options.profile ? ['key'] : options.only
const wanted = (line: string) => only.includes(line)
const profileDir = options.profile ? await mkdtemp(join(tmpdir(), 'daytona-auth-profile-')) : undefined
const pairs = Number(options.pairs)
// A profile is of one process.
const starts = options.profile ? 1 : Number(options.starts)
const cores = claimCores()
const place: ChildOptions['place'] = (command) => onServerCore(cores, command)

print(
  cores ? `server on core ${cores.server}, the rest on ${cores.others}` : 'not pinned: no taskset, or a single core',
)
if (REQUEST_LINES.some(wanted)) await runRequests(await bundle(['guarded']))
if (TOKEN_LINES.some(wanted)) await runTokens()
if (wanted('start')) await runStart(await bundle(['bare']))

async function runRequests({ guarded: file }: Record<'guarded', string>): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const postgres = await database(opened)
  const owner = await seedOwner(postgres.database)
  const keys = await seedKeys(postgres.database, owner, KEYS)
  const issue = await seedTokenIssuer(postgres.database, owner, ISSUER)
  const tokens = Array.from({ length: TOKENS }, issue)

  // Two processes of the same program differ by some percent for their whole lifetime: several are measured.
  const found = new Map(REQUEST_LINES.filter(wanted).map((line): [typeof line, Pair[]] => [line, []]))
  for (let start = 0; start < starts; start += 1) {
    await using servers = new AsyncDisposableStack()
    // The limit is counted as usual, and never reached.
    const env = { DATABASE_URL: postgres.url, ISSUER, REQUESTS_PER_MINUTE: '1000000000' }
    const bare = await startChild(file, { place, env: { ...env, BARE: '1' }, ready: '/health/ready' })
    servers.defer(() => bare.stop())
    const guarded = await startChild(file, { place, env, profileDir, ready: '/health/ready' })
    servers.defer(() => guarded.stop())
    const bench = {
      guarded,
      bare,
      keys,
      tokens,
      owner,
      postgres,
      slotMs: Number(options['slot-ms']),
      pairs: pairs / starts,
    }
    for (const [line, all] of found) all.push(...(await measureRequests(line, bench)))
  }
  for (const [line, all] of found) printFinding(summarize(line, all))

  if (profileDir === undefined) return
  print(`where the guarded server spends its time (whole profile in ${profileDir}):`)
  for (const line of await listHottestFunctions(profileDir, HOTTEST)) print(line)
}

async function runTokens(): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const postgres = await database(opened)
  const ours = await startProvider(join(apps, 'oidc/dist/main.js'), { DATABASE_URL: postgres.url })
  opened.defer(() => ours.stop())
  const bare = await startProvider(join(import.meta.dirname, 'servers/bare-provider.ts'))
  opened.defer(() => bare.stop())
  for (const line of TOKEN_LINES) {
    if (wanted(line)) printFinding(await measureTokens(line, { ours, bare, pairs: Math.ceil(pairs / 3) }))
  }
}

async function runStart(files: Record<'bare', string>): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const postgres = await database(opened)
  const env = { DATABASE_URL: postgres.url, ISSUER }
  const findings = await measureStart(
    { file: join(apps, 'api/dist/main.js'), place, env, ready: '/health' },
    { file: files.bare, place, ready: '/bare' },
    Math.ceil(pairs / 6),
  )
  findings.forEach(printFinding)
}

async function database(opened: AsyncDisposableStack): Promise<BenchDatabase> {
  const postgres = await startDatabase()
  opened.defer(() => postgres.stop())
  return postgres
}

/** Starts a provider on a port chosen in advance, because its address is its issuer. */
async function startProvider(file: string, env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const port = await freePort()
  const secrets = { SIGNING_KEYS_SECRET: randomBytes(32).toString('hex'), COOKIE_KEYS: randomBytes(32).toString('hex') }
  return startChild(file, {
    place,
    port,
    ready: '/health',
    env: { ...env, ...secrets, ISSUER: `http://127.0.0.1:${port}` },
  })
}

function printFinding(finding: Finding): void {
  print(describe(finding))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
