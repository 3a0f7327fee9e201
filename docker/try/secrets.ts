import { execFile } from 'node:child_process'
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The user of every image. */
export const IMAGE_USER = 10001

/** Creates a folder that others may enter but not list, removed at the end. */
export async function temporaryFolder(opened: AsyncDisposableStack, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `daytona-auth-${name}-`))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o711)
  return folder
}

/** Creates a folder that only the user of the images may enter. */
export async function privateFolder(opened: AsyncDisposableStack, name: string): Promise<string> {
  const folder = await temporaryFolder(opened, name)
  await chmod(folder, 0o700)
  await chown(folder, IMAGE_USER, IMAGE_USER)
  return folder
}

/**
 * Creates the secrets of `docker/secrets` with another database. A copy of the script runs, so that a deployment in this
 * checkout keeps its secrets.
 */
export async function makeSecrets(
  opened: AsyncDisposableStack,
  urls: { readonly owner: string; readonly api: string; readonly oidc: string },
): Promise<string> {
  const folder = await privateFolder(opened, 'secrets')
  await copyFile(join(import.meta.dirname, '../secrets'), join(folder, 'secrets'))
  await chmod(join(folder, 'secrets'), 0o755)
  await mkdir(join(folder, '.secrets'))
  await writeFile(join(folder, '.secrets/database-url'), urls.owner)
  for (const server of ['api', 'oidc'] as const) {
    await writeFile(join(folder, `.secrets/${server}-database-url`), urls[server])
  }
  for (const _ of ['made', 'kept']) await promisify(execFile)(join(folder, 'secrets'))
  return join(folder, '.secrets')
}

/** Returns `X_FILE` for each of `names`, as in compose.yaml. */
export const secretVariables = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${name.replaceAll('-', '_').toUpperCase()}_FILE`, `/run/secrets/${name}`]))

/** Returns the registry and certificates of this machine as build secrets. */
export async function buildSecrets(opened: AsyncDisposableStack): Promise<Record<string, string>> {
  const folder = await privateFolder(opened, 'build')
  const registry = await npmConfig('registry')
  const certificates = process.env['NODE_EXTRA_CA_CERTS'] || (await npmConfig('cafile'))
  const lines = [`registry=${registry}`, ...(certificates ? ['cafile=/run/secrets/ca'] : [])]
  const npmrc = join(folder, 'npmrc')
  await writeFile(npmrc, `${lines.join('\n')}\n`)
  return { npmrc, ...(certificates && { ca: certificates }) }
}

/** Returns a setting of npm on this machine, if set. */
async function npmConfig(name: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', name])
  const value = stdout.trim()
  return value === 'null' || value === 'undefined' ? undefined : value
}

/** Links pnpm's store of this machine as the `RUN --mount=type=cache,id=pnpm` of the builds, which buildah keeps in `cache`. */
export async function linkPnpmStore(cache: string): Promise<void> {
  const caches = join(cache, 'temporary/buildah-cache')
  await mkdir(caches, { recursive: true })
  if ((await readdir(caches)).includes('pnpm')) return
  const { stdout } = await promisify(execFile)('npx', ['--yes', 'pnpm@12', 'store', 'path'])
  await promisify(execFile)('ln', ['-s', join(stdout.trim(), '..'), join(caches, 'pnpm')])
}
