import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@daytona-auth/testing/free-port'
import type { Buildah } from './buildah.ts'
import { startContainer } from './container.ts'
import { type Figures, stopUnderLoad } from './figures.ts'
import { createAndUseKey } from './journey.ts'
import { say } from './report.ts'
import { privateFolder } from './secrets.ts'

/** Starts standalone twice on one volume: the second start must find the data of the first. */
export async function tryStandalone(buildah: Buildah, container: string): Promise<Record<'standalone', Figures>> {
  await using opened = new AsyncDisposableStack()
  const data = await privateFolder(opened, 'data')
  // Otherwise buildah mounts its own folder over ours.
  await buildah.run('config', '--volume=/data-', container)
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const start = () =>
    startContainer(buildah, opened, {
      container,
      mounts: { '/data': data },
      readyUrl: `${origin}/health/ready`,
      env: { HOST: '127.0.0.1', PORT: String(port) },
    })

  const first = await start()
  const { apiKey } = JSON.parse(await readFile(join(data, 'credentials.json'), 'utf8'))
  const key = await createAndUseKey(origin, apiKey)
  await first.stop()

  const second = await start()
  const idleMiB = await second.idleMiB()
  say(`standalone: ready ${first.startMs.toFixed(0)} ms after its first start; created a key and used it`)
  const headers = { authorization: `Bearer ${key}` }
  const stopped = await stopUnderLoad('standalone', second, { url: `${origin}/api-keys/current`, headers })
  return { standalone: { startMs: second.startMs, idleMiB, ...stopped } }
}
