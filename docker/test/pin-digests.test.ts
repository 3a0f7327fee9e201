import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { findImages, pinImages } from '../pin/images.ts'
import { resolveDigest } from '../pin/registry.ts'
import { FOLDER } from './compose.ts'

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
const platform = (architecture: string) => ({ platform: { os: 'linux', architecture } })
const OCI = 'application/vnd.oci.image.index.v1+json'
const index = (manifests: unknown[], mediaType = OCI) => JSON.stringify({ schemaVersion: 2, mediaType, manifests })
const BOTH = index([platform('amd64'), platform('arm64')])

/** The tags of the registry: the content of each, and the digest that it states if that is a wrong one. */
const TAGS: Readonly<Record<string, { content: string; stated?: string }>> = {
  '1.0': { content: BOTH },
  docker: {
    content: index([platform('amd64'), platform('arm64')], 'application/vnd.docker.distribution.manifest.list.v2+json'),
  },
  replaced: { content: BOTH, stated: digestOf('other content') },
  amd64: { content: index([platform('amd64')]) },
  'one-platform': { content: JSON.stringify({ mediaType: 'application/vnd.oci.image.manifest.v1+json', config: {} }) },
  huge: { content: ' '.repeat(5 * 1024 * 1024) },
}

/** A registry that gives its manifests only to holders of a token for the repository, as Docker Hub does. */
const registry = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://registry')
  const [, repository, tag] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? []
  if (url.pathname === '/token') {
    const scope = url.searchParams.get('scope')
    response.end(
      JSON.stringify({ token: url.searchParams.get('service') === 'tests' ? `for ${scope}` : 'for nothing' }),
    )
  } else if (request.headers.authorization !== `Bearer for repository:${repository}:pull`) {
    const realm = tag === 'elsewhere' ? 'http://192.0.2.1/token' : `${origin}/token`
    const challenge = `Bearer realm="${realm}",service="tests",scope="repository:${repository}:pull"`
    response.writeHead(401, { 'www-authenticate': challenge }).end()
  } else {
    const found = TAGS[tag ?? '']
    if (!found || !request.headers.accept?.includes(OCI)) return response.writeHead(404).end()
    response.writeHead(200, { 'docker-content-digest': found.stated ?? digestOf(found.content) }).end(found.content)
  }
  return response
}).listen(0, '127.0.0.1')
await once(registry, 'listening')
after(() => registry.close())
const origin = `http://127.0.0.1:${(registry.address() as AddressInfo).port}` // it listens on TCP
const resolve = (tag: string) =>
  resolveDigest({ registry: 'registry.example', repository: 'library/thing', tag }, { originOf: () => origin })

describe('the digest of a tag', () => {
  it('is that of the index of its platforms', async () => {
    assert.equal(await resolve('1.0'), digestOf(BOTH))
    assert.equal(await resolve('docker'), digestOf(TAGS['docker']?.content ?? ''))
  })

  for (const [tag, message] of [
    ['replaced', /the registry states sha256:\w+, but its content has sha256:/],
    ['amd64', /has no linux\/arm64$/],
    ['one-platform', /is not an index of platforms/],
    ['unknown', /: 404$/],
    ['huge', /has more than 4194304 bytes/],
    ['elsewhere', /realm="http:\/\/192\.0\.2\.1/],
  ] as const) {
    it(`is not taken: ${tag}`, () => assert.rejects(resolve(tag), { message }))
  }
})

describe('the images of others', () => {
  const files = ['api.Dockerfile', 'oidc.Dockerfile', 'standalone.Dockerfile', 'compose.yaml']

  it('are all found, and pinned behind their tags, again with another digest', async () => {
    for (const name of files) {
      const text = await readFile(join(FOLDER, name), 'utf8')
      const images = findImages(text)
      const named = text.match(/^(ARG NODE_IMAGE=|\s+image: )(?!.*daytona-auth|\*)/gm) ?? []
      assert.deepEqual([images.length, images.length > 0], [named.length, true], name)
      const digests = (content: string) => new Map(images.map((each) => [each.name, digestOf(content + each.name)]))
      const pinned = pinImages(text, digests('first'))
      assert.deepEqual(
        findImages(pinned),
        images.map((each) => ({ ...each, digest: digestOf(`first${each.name}`) })),
      )
      const again = pinImages(pinned, digests('second'))
      assert.equal(again, pinImages(text, digests('second')))
      assert.equal(again.split('\n').length, text.split('\n').length)
    }
  })

  it('are not written without the digest of each', () => {
    assert.throws(() => pinImages('    image: docker.io/library/caddy:2\n', new Map()), { message: /has no digest/ })
  })
})
