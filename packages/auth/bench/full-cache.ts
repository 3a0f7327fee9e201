import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect } from '@daytona-auth/db/core'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import type { FilledCache } from './fill-cache.ts'
import { seedKeys } from './seed-keys.ts'

// `node bench/full-cache.ts [MiB …]` fills the cache of a verifier with keys of several sizes, each in a process of its own with a
// real PostgreSQL, and prints the memory of a full cache: the sizing table of docker/README.md.

const MIB = 2 ** 20
const SHAPES = [
  { organizationsPerKey: 1, nameLength: 10, bytesEach: 2500 },
  { organizationsPerKey: 10, nameLength: 40, bytesEach: 7000 },
  { organizationsPerKey: 50, nameLength: 128, bytesEach: 30_000 },
]
const budgets = process.argv.slice(2).map(Number)
if (budgets.length === 0) budgets.push(32, 102)

const print = (line: string) => process.stdout.write(`${line}\n`)
const run = promisify(execFile)
const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-bench-'))
const server = await startEmbeddedPostgres({
  dataDir: join(directory, 'postgres'),
  password: newDatabasePassword(),
  durable: false,
})
try {
  await migrate(server.url)
  const database = connect(server.url, { applicationName: 'daytona-auth bench' })
  print('| budget | organizations of a key | keys | estimated | heap | a key | process |')
  print('| --- | --- | --- | --- | --- | --- | --- |')
  let seeded = 0
  for (const budget of budgets) {
    for (const { bytesEach, ...shape } of SHAPES) {
      seeded += 1
      const count = Math.ceil((budget * MIB * 1.2) / bytesEach)
      const keys = await seedKeys(database, { ...shape, count }, `b${seeded}`)
      const file = join(directory, 'keys')
      await writeFile(file, keys.join('\n'), { mode: 0o600 })
      const child = fileURLToPath(new URL('fill-cache.ts', import.meta.url))
      const args = ['--expose-gc', child, server.url, file, String(budget * MIB)]
      const { stdout } = await run(process.execPath, args)
      const { entries, estimatedBytes, heapBytes, rssBytes } = JSON.parse(stdout) as FilledCache
      const inMib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`
      const each = Math.round(heapBytes / entries)
      print(
        `| ${budget} MiB | ${shape.organizationsPerKey} | ${entries} | ${inMib(estimatedBytes)} | ${inMib(heapBytes)} | ${each} B | ${inMib(rssBytes)} |`,
      )
    }
  }
  await database.$client.end()
} finally {
  await server.stop()
  await rm(server.directory, { recursive: true, force: true })
  await rm(directory, { recursive: true, force: true })
}
