import { waitFor } from '@daytona-auth/testing'
import type { Database } from '../src/core/client.ts'

/** Listens for the notifications of the database. */
export async function notificationsOf({ $client: sql }: Database) {
  const received: string[] = []
  let marks = 0
  let latestMark = 0
  await sql.listen('daytona_auth', (payload) => {
    if (payload.startsWith('mark:')) latestMark = Number(payload.slice('mark:'.length))
    else received.push(payload)
  })

  /** Resolves when everything that was committed before has been received. */
  async function caughtUp(): Promise<void> {
    const mark = ++marks
    await sql.notify('daytona_auth', `mark:${mark}`)
    await waitFor(() => latestMark === mark)
  }

  /** Returns the different notifications of `work`, sorted. */
  return async function during(work: () => Promise<unknown>): Promise<string[]> {
    await caughtUp()
    received.length = 0
    await work()
    await caughtUp()
    return [...new Set(received)].sort()
  }
}
