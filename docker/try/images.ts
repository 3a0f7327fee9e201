import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Buildah } from './buildah.ts'

export const IMAGES = ['api', 'oidc', 'standalone'] as const
export type ImageName = (typeof IMAGES)[number]

const REPOSITORY = join(import.meta.dirname, '../..')

export const dockerfileOf = (name: ImageName): string => join(REPOSITORY, 'docker', `${name}.Dockerfile`)

/** Returns the base image with its tag. */
export async function baseImage(): Promise<string> {
  const [, tag] = /^ARG NODE_IMAGE=(\S+)$/m.exec(await readFile(dockerfileOf('api'), 'utf8')) ?? []
  if (tag === undefined) throw new Error('api.Dockerfile names no NODE_IMAGE')
  return tag
}

/** Builds an image with the registry and certificates of this machine. @returns its tag */
export async function buildImage(buildah: Buildah, name: ImageName, secrets: Record<string, string>): Promise<string> {
  const image = `localhost/daytona-auth-${name}:try`
  await buildah.build({
    image,
    secrets,
    dockerfile: dockerfileOf(name),
    context: REPOSITORY,
    args: { VERSION: 'try', REVISION: 'none', CREATED: 'now', SOURCE: 'here' },
  })
  return image
}

/** Returns the digests of the layers, the lowest first. */
export async function layersOf(buildah: Buildah, image: string): Promise<string[]> {
  const { OCIv1 } = JSON.parse(await buildah.run('inspect', '--type=image', image))
  return OCIv1.rootfs.diff_ids
}

/** Returns the uncompressed size in MiB, including the base image. */
export async function sizeMiB(buildah: Buildah, image: string): Promise<number> {
  const [{ size }] = JSON.parse(await buildah.run('images', '--json', image))
  return sizeOf(String(size))
}

const UNITS: Record<string, number> = { B: 1e-6, KB: 1e-3, MB: 1, GB: 1e3 }
const sizeOf = (text: string): number => {
  const [, amount, unit = ''] = /^([\d.]+) (\w+)$/.exec(text) ?? []
  return (Number(amount) * (UNITS[unit] ?? Number.NaN) * 1e6) / 2 ** 20
}
