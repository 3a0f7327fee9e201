import { setTimeout as delay } from 'node:timers/promises'
import { openChannel } from '@daytona-auth/db'
import { databaseFault, type Finding } from '@daytona-auth/service'
import type { Told } from './read-config.ts'

const NOTIFICATION_MS = 3000
const POLL_MS = 20

/** Whether what one connection says is heard on another, as the servers listen. */
export async function examineChannel({ DATABASE_URL }: Told): Promise<Finding[]> {
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
      // The look at the database tells of that.
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
        what: 'notifications of the database do not arrive at DATABASE_URL: no cache is trusted, and each request asks the database',
        remedy: 'name the database itself, or a pooler by session: LISTEN does not survive a transaction pooler',
      },
    ]
  } finally {
    void channel.close()
  }
}
