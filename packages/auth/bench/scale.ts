import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@daytona-auth/db/core'
import { newDatabasePassword, startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import { measureCosts } from './scale-model/measure.ts'
import { costOfRevocation, type Deployment, simulateRefill } from './scale-model/simulate.ts'
import { seedKeys } from './seed-keys.ts'

// `node bench/scale.ts` measures what a look-up and a notification cost on this machine, and prints what the model makes of it for
// 100,000 requests a second over 20 API processes: the tables of docker/SCALE.md.

const print = (line: string) => process.stdout.write(`${line}\n`)
await using opened = new AsyncDisposableStack()
const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-bench-'))
await chmod(directory, 0o711) // as root, the server runs as a system user that must be able to enter
const dataDir = join(directory, 'postgres')
const server = await startEmbeddedPostgres({ dataDir, password: newDatabasePassword(), durable: false })
opened.defer(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})
await migrate(server.url)
const database = connect(server.url, { max: 1, silenceTimeoutSeconds: null })
const keys = await seedKeys(database, { count: 6000, organizationsPerKey: 2, nameLength: 20 }, 'a')
await database.$client.end()

const costs = await measureCosts(server.url, keys)
const micro = (ms: number) => `${(ms * 1000).toFixed(0)} µs`
print(`database: ${micro(costs.databaseStatement)} a statement, ${micro(costs.databaseKey)} a key`)
print(`process: ${micro(costs.processKey)} a look-up, ${micro(costs.processNotification)} a notification\n`)

const base: Deployment = {
  processes: 20,
  requestsPerSecond: 100_000,
  keys: 20_000,
  databaseCores: 8,
  connections: 4,
  batch: 100,
  timeoutMs: 2000,
}
print(
  '| caches are empty | keys in use | cores of the database | look-ups in 10 s | statements | a second, at most | longest wait | given up |',
)
print('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const [name, change] of [
  ['of all 20 processes', {}],
  ['of all 20 processes', { databaseCores: 2 }],
  ['of all 20 processes', { keys: 200_000 }],
  ['of all 20 processes, without batches', { batch: 1 }],
  ['of one, which was restarted', { processes: 1, requestsPerSecond: 5000 }],
] as const) {
  const deployment = { ...base, ...change }
  const { lookUps, statements, statementsPerSecond, longestWaitMs, givenUp } = simulateRefill(deployment, costs)
  const cells = [name, deployment.keys, deployment.databaseCores, lookUps, statements, statementsPerSecond]
  const times = [`${longestWaitMs} ms`, `${(givenUp * 100).toFixed(2)} %`]
  print(`| ${[...cells.map((cell) => cell.toLocaleString('en')), ...times].join(' | ')} |`)
}

print('\n| keys revoked in one transaction | notifications | a process is busy for | look-ups by the database |')
print('| --- | --- | --- | --- |')
for (const revoked of [1000, 10_000, 100_000]) {
  const { notifications, processMs, lookUpsMs } = costOfRevocation(revoked, base, costs)
  print(
    `| ${revoked.toLocaleString('en')} | ${notifications.toLocaleString('en')} | ${processMs.toFixed(0)} ms | ${lookUpsMs.toFixed(0)} ms |`,
  )
}
