import './first-request.css'
import { useQuery } from '@tanstack/react-query'
import { apiKeysOf } from '../../../api/api-keys.ts'
import { api } from '../../../api/client.ts'
import { useOrganizationEvents } from '../../../api/events.ts'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Notice } from '../../../ui/states.tsx'

/** Waits for the first request with a new key. The event of it says that the key's last use can be read. */
export function FirstRequest({
  organizationId,
  id,
  name,
  isRotation,
  since,
}: {
  readonly organizationId: string
  readonly id: string
  readonly name: string
  readonly isRotation: boolean
  /** When the key was created. */
  readonly since: string
}) {
  const { data, refetch } = useQuery({
    queryKey: [...apiKeysOf(organizationId), 'first-request', name, since, isRotation],
    queryFn: async ({ signal }) => {
      const key = await api.apiKeys.get(name, { organizationId, signal })
      if (key.lastUsedAt === null) return null
      const { lastUsedIp, lastUsedRoute } = await api.apiKeys.usage(name, {}, { organizationId, signal })
      return { at: key.lastUsedAt, address: lastUsedIp, route: lastUsedRoute }
    },
    enabled: !isRotation,
  })
  useOrganizationEvents(organizationId, {
    onEvent: (event) => {
      if (event.type === 'api_key.first_use' && event.use.keyId === id) void refetch()
    },
    onGap: () => void refetch(),
    isEnabled: !isRotation && !data,
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
        {data.route !== null && (
          <>
            : <code>{data.route}</code>
          </>
        )}
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
