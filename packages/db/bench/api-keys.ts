import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ApiKeyOrder, type ApiKeySearch, countApiKeys, searchApiKeys } from '@daytona-auth/db/api-keys'
import { connect, type UserId } from '@daytona-auth/db/core'
import { startEmbeddedPostgres } from '@daytona-auth/db/embedded'
import { migrate } from '@daytona-auth/db/operations'
import { fillKeys } from '../test/filled-keys.ts'
import { openExplained } from './explaining.ts'

const { values: options } = parseArgs({
  options: { keys: { type: 'string', default: '100000' }, plans: { type: 'boolean', default: false } },
})
const print = (line: string) => process.stdout.write(`${line}\n`)

await using opened = new AsyncDisposableStack()
const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-bench-'))
await chmod(directory, 0o711) // as root, the server runs as a system user that must be able to enter
const server = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), password: 'bench' })
opened.defer(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})
await migrate(server.url)
const database = connect(server.url, { max: 1 })
opened.defer(() => database.$client.end())
const ORGANIZATION = await fillKeys(database, Number(options.keys))
const explained = openExplained(server.url)
opened.defer(() => explained.close())

const newest: ApiKeyOrder = { by: 'createdAt', direction: 'desc' }
const word = (text: string, end?: string) => ({ text, permissions: [], ...(end && { hint: { end } }) })
const searches: Readonly<Record<string, readonly [search: ApiKeySearch, order?: ApiKeyOrder]>> = {
  newest: [{ status: 'active' }],
  'all, newest': [{ status: 'all' }],
  'by name': [{ status: 'active' }, { by: 'name', direction: 'asc' }],
  'by expiry': [{ status: 'active' }, { by: 'expiresAt', direction: 'asc' }],
  'by last use': [{ status: 'active' }, { by: 'lastUsedAt', direction: 'desc' }],
  'by last use, unused first': [{ status: 'active' }, { by: 'lastUsedAt', direction: 'asc' }],
  expiring: [{ status: 'expiring' }, { by: 'expiresAt', direction: 'asc' }],
  unused: [{ status: 'unused' }],
  'unused, by last use': [{ status: 'unused' }, { by: 'lastUsedAt', direction: 'asc' }],
  revoked: [{ status: 'revoked' }],
  administration: [{ status: 'active', permissions: ['admin:organization'] }],
  'a permission of many': [{ status: 'active', permissions: ['write:sandboxes', 'admin:organization'] }],
  'a permission of few': [{ status: 'active', permissions: ['read:registries', 'admin:organization'] }],
  'one owner': [{ status: 'active', userId: 'usr_7' as UserId }],
  'a part of many names': [{ status: 'active', words: [word('a1')] }],
  'a part of no name': [{ status: 'active', words: [word('no such name')] }],
  'last characters of none': [{ status: 'active', words: [word('zzzz', 'zzzz')] }],
  'an owner’s name': [{ status: 'active', words: [word('person-77@')] }],
}

for (const [name, [search, order = newest]] of Object.entries(searches)) {
  await report(name, (db) => searchApiKeys(db, ORGANIZATION, search, order, { limit: 50 }))
}
await report('summary', (db) => countApiKeys(db, ORGANIZATION, {}, 1000))

/** Measures the second run, and prints the number of pages that it reads. */
async function report(name: string, run: (db: typeof database) => Promise<unknown>): Promise<void> {
  await run(database)
  const start = performance.now()
  await run(database)
  const ms = performance.now() - start
  await run(explained.database)
  const plans = explained.take()
  const [, buffers = '?'] = /Buffers: shared hit=(\d+)/.exec(plans.join('\n')) ?? []
  print(`${name}: ${ms.toFixed(1)} ms, ${buffers} pages`)
  if (options.plans) for (const plan of plans) print(plan.replaceAll(/^/gm, '    '))
}
