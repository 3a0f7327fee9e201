import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'

/** Buildah with a storage of our own: nothing of the machine's is seen or changed. */
export interface Buildah extends AsyncDisposable {
  /** What it prints. @throws Error with what it said */
  run(...args: string[]): Promise<string>
  /** Starts `command` in a container: as a child that ends when the command does. */
  start(
    container: string,
    command: readonly string[],
    options: RunOptions,
  ): ChildProcessByStdio<null, Readable, Readable>
  /** A container of that image, removed at the end. */
  container(image: string): Promise<string>
  build(options: BuildOptions): Promise<void>
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Folders of this machine, by where they are in the container. */
  readonly mounts?: Readonly<Record<string, string>>
}

export interface BuildOptions {
  readonly image: string
  readonly dockerfile: string
  readonly context: string
  readonly args?: Readonly<Record<string, string>>
  /** Files that a step may read and no layer holds. */
  readonly secrets?: Readonly<Record<string, string>>
}

/**
 * `cache` keeps the storage from one run to the next, so that the base image is made once. There is no engine: a container
 * is a chroot that shares this machine's network and processes. Layers are laid over each other where the kernel does so,
 * and copied (vfs) where it does not, such as inside another container.
 */
export async function openBuildah(cache: string): Promise<Buildah> {
  const temporary = join(cache, 'temporary') // for the caches of RUN --mount=type=cache, too
  await mkdir(temporary, { recursive: true })
  const runRoot = await mkdtemp(join(tmpdir(), 'daytona-auth-buildah-'))
  const driver = (await laysOver(temporary)) ? 'overlay' : 'vfs'
  const storage = [`--storage-driver=${driver}`, `--root=${join(cache, driver)}`, `--runroot=${runRoot}`]
  const env = { ...process.env, BUILDAH_ISOLATION: 'chroot', TMPDIR: temporary }
  const containers: string[] = []
  const images: string[] = []

  const buildah: Buildah = {
    async run(...args) {
      const { stdout } = await promisify(execFile)('buildah', [...storage, ...args], { env, maxBuffer: 1 << 26 })
      return stdout.trim()
    },
    start(container, command, { env: given = {}, mounts = {} }) {
      const variables = Object.entries(given).map(([name, value]) => `--env=${name}=${value}`)
      const volumes = Object.entries(mounts).map(([to, from]) => `--volume=${from}:${to}`)
      const args = [...storage, 'run', ...variables, ...volumes, container, '--', ...command]
      return spawn('buildah', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    },
    async container(image) {
      const container = await buildah.run('from', '--pull=never', image)
      containers.push(container)
      return container
    },
    async build({ image, dockerfile, context, args = {}, secrets = {} }) {
      images.push(image)
      await buildah.run(
        // With layers, the stage that all images share is made once.
        'bud',
        '--quiet',
        '--layers',
        '--format=docker',
        '--pull=never',
        `--file=${dockerfile}`,
        `--tag=${image}`,
        ...Object.entries(args).map(([name, value]) => `--build-arg=${name}=${value}`),
        ...Object.entries(secrets).map(([id, file]) => `--secret=id=${id},src=${file}`),
        context,
      )
    },
    async [Symbol.asyncDispose]() {
      for (const container of containers) await buildah.run('rm', container).catch(() => undefined)
      // Kept, the next run builds only what has changed.
      if (process.env['DOCKER_TRY_KEEP'] === undefined) {
        for (const image of images) await buildah.run('rmi', '--force', image).catch(() => undefined)
        // The layers in between.
        await buildah.run('rmi', '--prune', '--force').catch(() => undefined)
      }
      await rm(runRoot, { recursive: true, force: true })
    },
  }
  return buildah
}

/** Whether this kernel mounts an overlay on the disk that storage is on. */
async function laysOver(folder: string): Promise<boolean> {
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(folder, 'probe', name))
  await Promise.all([lower, upper, work, merged].map((path) => mkdir(String(path), { recursive: true })))
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`
  try {
    await promisify(execFile)('mount', ['-t', 'overlay', 'overlay', '-o', options, String(merged)])
    await promisify(execFile)('umount', [String(merged)])
    return true
  } catch {
    return false
  } finally {
    await rm(join(folder, 'probe'), { recursive: true, force: true })
  }
}
