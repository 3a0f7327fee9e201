import type { ApiKey } from '@daytona-auth/sdk'
import { apiKeysOf, revokeApiKey } from '../../../api/api-keys.ts'
import { queryClient } from '../../../api/query-client.ts'
import { EndDialog } from '../../../ui/end-dialog.tsx'
import { RelativeTime, useNow } from '../../../ui/relative-time.tsx'

const DAY_MS = 24 * 60 * 60 * 1000

/** Asks before a key is revoked. If it was used within a day, its name has to be typed: something depends on it. */
export function RevokeDialog({
  isOpen,
  onClose,
  apiKey,
  organizationId,
  onRevoked,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly apiKey: ApiKey
  readonly organizationId: string
  readonly onRevoked: () => void
}) {
  const { name, lastUsedAt } = apiKey
  const isInUse = useNow() - Date.parse(lastUsedAt ?? '') < DAY_MS
  return (
    <EndDialog
      isOpen={isOpen}
      onClose={onClose}
      verb="Revoke"
      name={name}
      isNameTyped={isInUse}
      action="Revoke key"
      end={() => revokeApiKey(organizationId, apiKey)}
      onEnded={() => {
        onRevoked()
        return queryClient.invalidateQueries({ queryKey: apiKeysOf(organizationId) })
      }}
    >
      <p>
        Requests with it are refused at once. This cannot be undone.{' '}
        {lastUsedAt === null ? (
          'It was never used.'
        ) : (
          <>
            It was last used <RelativeTime at={lastUsedAt} />.
          </>
        )}
      </p>
    </EndDialog>
  )
}
