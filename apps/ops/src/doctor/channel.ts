import { setTimeout as delay } from 'node:timers/promises'
import { openChannel } from '@daytona-auth/db/core'
import { databaseFault, type Finding } from '@daytona-auth/service'
import type { ReadConfig } from './read-config.ts'

const NOTIFICATION_MS = 3000
const POLL_MS = 20

/** Checks whether a notification of one connection arrives at another, which listens as the servers do. */
export async function examineChannel({ DATABASE_URL }: ReadConfig): Promise<Finding[]> {
  if (DATABASE_URL === undefined) return []
  const check = 'channel'
  let lag = 0
  let lost: unknown
  const channel = openChannel({
    url: DATABASE_URL,
    heartbeatMs: 200,
    onLag: (ms) => {
      lag = ms
    },
    onState: (_state, error) => {
      lost = error
    },
  })
  try {
    const deadline = performance.now() + NOTIFICATION_MS
    while (!channel.isFresh() && performance.now() < deadline) {
      // The check of the database reports that.
      if (databaseFault(lost)) return []
      await delay(POLL_MS)
    }
    if (channel.isFresh()) {
      return [{ check, severity: 'ok', what: `notifications of the database arrive, within ${Math.ceil(lag)} ms` }]
    }
    return [
      {
        check,
        severity: 'warning',
        what: 'notifications of the database do not arrive at DATABASE_URL: no cache is used, and each request reads the database',
        remedy:
          'set it to the database itself, or to a session pooler: LISTEN does not work through a transaction pooler',
      },
    ]
  } finally {
    void channel.close()
  }
}
