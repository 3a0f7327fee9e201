import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, constants, glob, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** What the built files depend on. The lockfile stands for the libraries. */
const INPUTS = [
  'apps/dashboard/{src,build}/**/*',
  'apps/dashboard/{*.ts,index.html,package.json}',
  'packages/{protocol,sdk}/src/**/*.ts',
]
const LOCKFILE = 'pnpm-lock.yaml'

const CACHE = join(import.meta.dirname, 'node_modules/.cache/dashboard')
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Returns a folder with the dashboard as built from the present sources. It is built once for each state of the sources,
 * in a process of its own. `fallback` is the folder to build into if the installed packages cannot be written to.
 */
export async function ensureDashboard(fallback?: string): Promise<string> {
  const name = await hashInputs()
  for (const cache of [CACHE, fallback]) {
    if (cache !== undefined && (await exists(join(cache, name)))) return join(cache, name)
  }
  try {
    return await buildInto(CACHE, name)
  } catch (error) {
    if (fallback === undefined || !isReadOnly(error)) throw error
    return buildInto(fallback, name)
  }
}

/** Builds beside the folder and renames it: other processes may build or read the same one at this moment. */
async function buildInto(cache: string, name: string): Promise<string> {
  const directory = join(cache, name)
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(join(cache, 'draft-'))
  try {
    await runBuild(draft)
    // mkdtemp makes it private; another user may start the same installation.
    await chmod(draft, 0o755)
    await rename(draft, directory)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another process was faster, with the same content.
    if (!(await exists(directory))) throw error
  }
  await removeOld(cache, name)
  return directory
}

function runBuild(directory: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'build.ts'), directory], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`the dashboard cannot be built\n${output}`)),
    )
  })
}

async function hashInputs(): Promise<string> {
  const files = (
    await Array.fromAsync(glob(INPUTS, { cwd: ROOT, exclude: ['**/generated/**', '**/*.test.ts'] }))
  ).toSorted()
  const hash = createHash('sha256')
  for (const file of [LOCKFILE, ...files]) {
    const path = join(ROOT, file)
    if (!(await stat(path)).isFile()) continue
    hash.update(`${file}\0`).update(await readFile(path))
  }
  return hash.digest('hex').slice(0, 24)
}

/** Removes what was built from earlier sources, unless it is so new that a running server may read it for the first time. */
async function removeOld(cache: string, current: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name === current) continue
    const path = join(cache, name)
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > DAY_MS) await rm(path, { recursive: true, force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.X_OK).then(
    () => true,
    () => false,
  )

const isReadOnly = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(String(error.code))
