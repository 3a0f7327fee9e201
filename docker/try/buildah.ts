import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'

/** Buildah with separate storage, so that the machine's images are neither read nor changed. */
export interface Buildah extends AsyncDisposable {
  /** Runs buildah and returns its output. @throws Error with its error output */
  run(...args: string[]): Promise<string>
  /** Starts `command` in a container, as a child process that ends with the command. */
  start(
    container: string,
    command: readonly string[],
    options: RunOptions,
  ): ChildProcessByStdio<null, Readable, Readable>
  /** Creates a container of the image, removed at the end. */
  container(image: string): Promise<string>
  build(options: BuildOptions): Promise<void>
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Folders of this machine by their path in the container. */
  readonly mounts?: Readonly<Record<string, string>>
}

export interface BuildOptions {
  readonly image: string
  readonly dockerfile: string
  readonly context: string
  readonly args?: Readonly<Record<string, string>>
  /** Files that a step may read and no layer contains. */
  readonly secrets?: Readonly<Record<string, string>>
}

/**
 * Opens buildah. `cache` keeps the storage between runs, so that the base image is created once. There is no engine: a
 * container is a chroot that shares this machine's network and processes. Layers use overlayfs if the kernel supports it,
 * and copies (vfs) otherwise, such as inside another container.
 */
export async function openBuildah(cache: string): Promise<Buildah> {
  const temporary = join(cache, 'temporary') // also for the caches of RUN --mount=type=cache
  await mkdir(temporary, { recursive: true })
  const runRoot = await mkdtemp(join(tmpdir(), 'daytona-auth-buildah-'))
  const driver = (await supportsOverlay(temporary)) ? 'overlay' : 'vfs'
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
        // With --layers, the stage that all images share is built once.
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
      // With DOCKER_TRY_KEEP the next run builds only what has changed.
      if (process.env['DOCKER_TRY_KEEP'] === undefined) {
        for (const image of images) await buildah.run('rmi', '--force', image).catch(() => undefined)
        // Removes the intermediate layers.
        await buildah.run('rmi', '--prune', '--force').catch(() => undefined)
      }
      await rm(runRoot, { recursive: true, force: true })
    },
  }
  return buildah
}

/** Whether the kernel can mount an overlay on the disk of the storage. */
async function supportsOverlay(folder: string): Promise<boolean> {
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
