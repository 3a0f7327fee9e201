import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ensureBaseImage } from './base-image.ts'
import { openBuildah } from './buildah.ts'
import { baseImage, buildImage, IMAGES, type ImageName, layersOf, sizeMiB } from './images.ts'
import { say, sayTable, timed } from './report.ts'
import { examineImage } from './scan.ts'
import { buildSecrets, linkPnpmStore } from './secrets.ts'
import { tryServers } from './servers.ts'
import { tryStandalone } from './standalone.ts'

requireMachine()
const cache = process.env['DOCKER_TRY_CACHE'] ?? join(homedir(), '.cache/daytona-auth-docker')
await mkdir(cache, { recursive: true, mode: 0o700 })

await using opened = new AsyncDisposableStack()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void opened.disposeAsync().finally(() => process.exit(1)))
}
const buildah = opened.use(await openBuildah(cache))

const tag = await baseImage()
const { ms, value: wasThere } = await timed(() => ensureBaseImage(buildah, tag, cache))
say(`substitute for ${tag}: ${wasThere ? 'kept from an earlier run' : `created in ${ms} ms`}`)
await linkPnpmStore(cache)
const secrets = await buildSecrets(opened)

const containers = {} as Record<ImageName, string>
const sizes = {} as Record<ImageName, number>
const layers = {} as Record<ImageName, string[]>
for (const name of IMAGES) {
  const built = await timed(() => buildImage(buildah, name, secrets))
  containers[name] = await buildah.container(built.value)
  sizes[name] = await sizeMiB(buildah, built.value)
  layers[name] = await layersOf(buildah, built.value)
  await examineImage(buildah, containers[name], name === 'standalone' ? ['/data'] : [])
  say(`built ${name} in ${built.ms} ms`)
}
const shared = layers.api.filter((layer) => IMAGES.every((name) => layers[name].includes(layer)))
assert.deepEqual(shared, layers.api.slice(0, 2), 'the images do not share the layers of the system and of the command')
say(`the images share ${shared.length} of ${layers.api.length} layers`)

const figures = { ...(await tryServers(buildah, containers)), ...(await tryStandalone(buildah, containers.standalone)) }
sayTable(
  [
    'image',
    'size (MiB)',
    'start to ready (ms)',
    'idle (MiB)',
    'busy (MiB)',
    'SIGTERM under 64 connections: sent, answered, lost',
  ],
  IMAGES.map((name) => {
    const { startMs, idleMiB, peakMiB, tally } = figures[name]
    const counts = `${tally.sent}, ${tally.answered}, ${tally.lost}`
    return [name, sizes[name].toFixed(0), startMs.toFixed(0), idleMiB.toFixed(0), peakMiB.toFixed(0), counts]
  }),
)

/** Exits with one line if the machine lacks a requirement. */
function requireMachine() {
  const isCi = process.env['CI'] !== undefined
  if (process.getuid?.() !== 0) {
    if (spawnSync('sudo', ['-n', 'true']).status !== 0) {
      say('skipped: buildah creates containers by chroot, which needs root or sudo without a password')
      process.exit(isCi ? 0 : 1)
    }
    const args = ['-n', '--preserve-env', process.execPath, import.meta.filename]
    execFileSync('sudo', args, { stdio: 'inherit' })
    process.exit()
  }
  const missing = ['buildah', 'mmdebstrap', 'caddy', 'npm'].filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
  )
  if (missing.length === 0) return
  say(`programs are missing: apt-get install ${missing.join(' ')}`)
  process.exit(1)
}
