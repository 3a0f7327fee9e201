import './last-seen.css'
import type { ApiKey } from '@daytona-auth/sdk'
import { Chip } from '../../ui/chip.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

/** When a key was last presented, from which address, and whether that request was denied. */
export function LastSeen({ apiKey: { lastSeenAt, lastSeenIp, lastOutcome } }: { readonly apiKey: ApiKey }) {
  if (lastSeenAt === null) return <span className="soft">Never</span>
  return (
    <span className="last-seen">
      <span className="row">
        <RelativeTime at={lastSeenAt} />
        {lastOutcome === 'denied' && <Chip tone="bad">Denied</Chip>}
      </span>
      {lastSeenIp !== null && <span className="soft">from {lastSeenIp}</span>}
    </span>
  )
}
