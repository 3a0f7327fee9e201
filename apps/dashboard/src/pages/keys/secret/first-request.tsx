import { useQuery } from '@tanstack/react-query'
import { apiKeysOf } from '../../../api/api-keys.ts'
import { api } from '../../../api/client.ts'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Notice } from '../../../ui/states.tsx'

const INTERVAL_MS = 1500

/** Waits for the first request with a new secret. It reads the key's last use, which the API writes within seconds. */
export function FirstRequest({
  organizationId,
  name,
  isRotation,
  since,
}: {
  readonly organizationId: string
  readonly name: string
  readonly isRotation: boolean
  /** When the key was created. */
  readonly since: string
}) {
  const { data } = useQuery({
    queryKey: [...apiKeysOf(organizationId), 'first-request', name, since, isRotation],
    queryFn: async ({ signal }) => {
      const key = await api.apiKeys.get(name, { organizationId, signal })
      if (key.lastUsedAt === null) return null
      const { lastUsedIp } = await api.apiKeys.usage(name, {}, { organizationId, signal })
      return { at: key.lastUsedAt, address: lastUsedIp }
    },
    refetchInterval: (query) => (query.state.data ? false : INTERVAL_MS),
    refetchIntervalInBackground: true,
    enabled: !isRotation,
  })
  if (isRotation) return null
  if (!data) {
    return (
      <p className="waiting" role="status">
        <span className="waiting-dot" aria-hidden="true" />
        Waiting for the first request…
      </p>
    )
  }
  return (
    <Notice tone="good">
      <p>
        The first request has arrived, <RelativeTime at={data.at} />
        {data.address !== null && (
          <>
            {' '}
            from <code>{data.address}</code>
          </>
        )}
        .
      </p>
    </Notice>
  )
}
