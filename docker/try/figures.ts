import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@daytona-auth/testing/wait-for'
import type { Running } from './container.ts'
import { startLoad, type Tally } from './load.ts'
import { say } from './report.ts'

/** The measurements of one image. */
export interface Figures {
  readonly startMs: number
  readonly idleMiB: number
  readonly peakMiB: number
  readonly tally: Tally
}

const CONNECTIONS = 64
const UNDER_LOAD_MS = 1000

/** Stops a server under load and counts its requests: none may be lost, and the server must exit with 0. */
export async function stopUnderLoad(
  name: string,
  running: Running,
  { url, headers = {} }: { readonly url: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<Pick<Figures, 'peakMiB' | 'tally'>> {
  const { tally, countAccepted, ended } = startLoad(url, headers, CONNECTIONS)
  await waitFor(() => countAccepted() === CONNECTIONS, 60_000)
  await delay(UNDER_LOAD_MS)
  const peakMiB = running.peakMiB()
  const { code, ms } = await running.stop()
  await ended
  say(`${name}: SIGTERM under ${CONNECTIONS} connections: ${JSON.stringify(tally)}, stopped in ${ms.toFixed(0)} ms`)
  assert.equal(code, 0, `${name} did not exit with 0`)
  assert.deepEqual({ lost: tally.lost, refused: tally.refused }, { lost: 0, refused: 0 })
  return { peakMiB, tally }
}
