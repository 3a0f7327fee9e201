import { execFile } from 'node:child_process'
import { chown, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Account } from './account.ts'
import { EmbeddedPostgresError } from './error.ts'
import { serverEnvironment } from './postmaster.ts'

const ASIDE = 'initialising-'

export interface Initialisation {
  /** Root of the PostgreSQL installation. */
  readonly binaries: string
  /** The parent of the cluster's directory, `cluster`. */
  readonly place: string
  readonly account: Account | undefined
  readonly user: string
  readonly password: string
  /** False skips fsync: for data that may be lost. */
  readonly durable: boolean
}

/**
 * Returns the cluster's directory in `place`, and creates the cluster if it does not exist yet.
 *
 * initdb works in a temporary directory, which is renamed at the end. So after `kill -9` at any time there is a complete
 * cluster or none, and the next start creates it.
 */
export async function prepareCluster(options: Initialisation): Promise<string> {
  const { place, binaries } = options
  const cluster = join(place, 'cluster')
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version !== undefined) {
    await refuseForeignVersion(version.trim(), cluster, binaries)
    return cluster
  }
  await removeLeftovers(place)
  const aside = await mkdtemp(join(place, ASIDE))
  try {
    await initdb(options, aside)
    await rename(join(aside, 'data'), cluster)
    if (options.durable) await syncDirectory(place)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
  return cluster
}

async function initdb({ binaries, account, user, password, durable }: Initialisation, aside: string) {
  const data = join(aside, 'data')
  const passwordFile = join(aside, 'password')
  await mkdir(data, { mode: 0o700 })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (account) for (const path of [aside, data, passwordFile]) await chown(path, account.uid, account.gid)

  const flags = [
    `--pgdata=${data}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's builtin C.UTF-8: the same sort order and lower() on every machine, with any installed locales.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ]
  await promisify(execFile)(join(binaries, 'bin', 'initdb'), flags, {
    ...account,
    cwd: aside,
    env: serverEnvironment(),
  }).catch((cause: unknown) => {
    throw new EmbeddedPostgresError(`initdb failed in ${aside}: ${lastLine(cause)}`, { cause })
  })
}

/** Removes the files of an interrupted start. Its initdb may still be writing, so the rest is left for the next start. */
async function removeLeftovers(place: string) {
  for (const name of await readdir(place)) {
    if (name.startsWith(ASIDE)) await rm(join(place, name), { recursive: true, force: true }).catch(() => {})
  }
}

async function refuseForeignVersion(version: string, cluster: string, binaries: string) {
  const { stdout } = await promisify(execFile)(join(binaries, 'bin', 'postgres'), ['--version'])
  const ours = /(\d+)\.\d+/.exec(stdout)?.[1]
  if (version === ours) return
  throw new EmbeddedPostgresError(
    `${cluster} was made by PostgreSQL ${version} and this is ${ours}: start the version it was made with, dump it, and restore it into a new data directory`,
  )
}

async function syncDirectory(path: string) {
  const directory = await open(path)
  await directory.sync()
  await directory.close()
}

function lastLine(error: unknown) {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return output.trim().split('\n').at(-1)
}
