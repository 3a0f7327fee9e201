import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findImages, pinImages } from './images.ts'
import { resolveDigest } from './registry.ts'

// Writes the digests of the day behind the tags of all images of others, in the Dockerfiles and in compose.yaml. With `--check`
// it writes nothing, and fails if a file has no digest or an older one.

const FILES = ['api.Dockerfile', 'oidc.Dockerfile', 'standalone.Dockerfile', 'compose.yaml']
const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

const texts = await Promise.all(
  FILES.map(async (name) => [name, await readFile(join(import.meta.dirname, '..', name), 'utf8')] as const),
)
const digests = new Map<string, string>()
for (const image of texts.flatMap(([, text]) => findImages(text))) {
  if (!digests.has(image.name)) digests.set(image.name, await resolveDigest(image))
}
for (const [name, digest] of digests) process.stdout.write(`${name}@${digest}\n`)
for (const [name, text] of texts) {
  const pinned = pinImages(text, digests)
  if (pinned === text) continue
  process.stdout.write(`${name}: ${options.check ? 'is not pinned to these digests' : 'pinned'}\n`)
  if (options.check) process.exitCode = 1
  else await writeFile(join(import.meta.dirname, '..', name), pinned)
}
