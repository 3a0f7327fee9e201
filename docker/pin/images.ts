import type { Tag } from './registry.ts'

/** An image of another registry in a Dockerfile or a compose file, with its digest if it has one. Our own have no registry. */
const IMAGE =
  /(?<=^(?:ARG NODE_IMAGE=|\s+image: ))((?:[a-z0-9-]+\.)+[a-z]+)\/([a-z0-9][a-z0-9/._-]*):([\w][\w.-]{0,127})(?:@(sha256:[0-9a-f]{64}))?$/gm

export interface NamedImage extends Tag {
  /** The reference without its digest. */
  readonly name: string
  readonly digest: string | undefined
}

/** Returns the images that a Dockerfile or a compose file names. */
export function findImages(text: string): NamedImage[] {
  return [...text.matchAll(IMAGE)].map(([, registry = '', repository = '', tag = '', digest]) => ({
    registry,
    repository,
    tag,
    name: `${registry}/${repository}:${tag}`,
    digest,
  }))
}

/** Writes the digest of each image behind its tag. `digests` has those of every image that `text` names. */
export const pinImages = (text: string, digests: ReadonlyMap<string, string>): string =>
  text.replaceAll(IMAGE, (_, registry, repository, tag) => {
    const name = `${registry}/${repository}:${tag}`
    const digest = digests.get(name)
    if (digest === undefined) throw new Error(`${name} has no digest`)
    return `${name}@${digest}`
  })
