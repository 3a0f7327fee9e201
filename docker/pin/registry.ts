import { createHash } from 'node:crypto'

/** A tag of an image, such as `docker.io/library/node:26.10.0-bookworm-slim`. */
export interface Tag {
  readonly registry: string
  readonly repository: string
  readonly tag: string
}

export interface ResolveOptions {
  /** Returns the origin of a registry's API. */
  readonly originOf?: (registry: string) => string
  /** The platforms that the image must have, as `os/architecture`. */
  readonly platforms?: readonly string[]
}

/** Of an image for several platforms: OCI image specification and Docker's own. A manifest of one platform is refused. */
const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
/** Far above the size of an index; the limit that registries have for manifests. */
const MAX_BYTES = 4 * 1024 * 1024
const TIMEOUT_MS = 30_000

/** Docker's own registry has another name in its API than in references. */
const apiOf = (registry: string): string => `https://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}`

/**
 * Returns the digest of a tag by the registry's API (OCI distribution specification, section "Pulling manifests"), with a token
 * for anybody if the registry asks for one.
 *
 * @throws if the content does not have the digest that the registry states, or lacks a platform
 */
export async function resolveDigest(
  { registry, repository, tag }: Tag,
  { originOf = apiOf, platforms = ['linux/amd64', 'linux/arm64'] }: ResolveOptions = {},
): Promise<string> {
  const url = `${originOf(registry)}/v2/${repository}/manifests/${tag}`
  const accept = INDEX_TYPES.join(', ')
  let response = await request(url, { accept })
  const challenge = response.status === 401 ? response.headers.get('www-authenticate') : null
  if (challenge !== null) {
    await response.body?.cancel()
    response = await request(url, { accept, authorization: `Bearer ${await tokenFor(challenge, url)}` })
  }
  if (response.status !== 200) throw new Error(`${url}: ${response.status}`)
  const content = await readAll(response, url)
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
  const stated = response.headers.get('docker-content-digest')
  if (stated !== digest) throw new Error(`${url}: the registry states ${stated}, but its content has ${digest}`)
  const { mediaType, manifests = [] } = JSON.parse(content.toString()) as Index
  if (!INDEX_TYPES.includes(mediaType ?? '')) throw new Error(`${url}: is not an index of platforms: ${mediaType}`)
  const found = manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`)
  for (const each of platforms) if (!found.includes(each)) throw new Error(`${url}: has no ${each}`)
  return digest
}

interface Index {
  readonly mediaType?: string
  readonly manifests?: readonly { readonly platform?: { readonly os: string; readonly architecture: string } }[]
}

const request = (url: string, headers: Record<string, string>): Promise<Response> =>
  fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })

/** Requests a token without a user, as the challenge of the registry describes. Not over a connection that others can read. */
async function tokenFor(challenge: string, url: string): Promise<string> {
  const parameters = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
  const realm = parameters.get('realm')
  if (!/^Bearer /i.test(challenge) || realm === undefined) throw new Error(`${url}: ${challenge}`)
  const address = new URL(realm)
  if (address.protocol !== 'https:' && address.origin !== new URL(url).origin) throw new Error(`${url}: ${challenge}`)
  for (const name of ['service', 'scope']) {
    const value = parameters.get(name)
    if (value !== undefined) address.searchParams.set(name, value)
  }
  const response = await request(address.href, { accept: 'application/json' })
  if (response.status !== 200) throw new Error(`${address.origin}: ${response.status}`)
  const body = JSON.parse((await readAll(response, address.origin)).toString()) as Record<string, unknown>
  const token = body['token'] ?? body['access_token']
  if (typeof token !== 'string') throw new Error(`${address.origin}: its answer has no token`)
  return token
}

/** Reads a body up to the limit. */
async function readAll(response: Response, url: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > MAX_BYTES) throw new Error(`${url}: the answer has more than ${MAX_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
