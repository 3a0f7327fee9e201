import type { ApiKey, IssuedApiKey } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { apiKeysOf } from '../../../api/api-keys.ts'
import { api } from '../../../api/client.ts'
import { queryClient } from '../../../api/query-client.ts'
import { ChoiceGroup } from '../../../ui/choice-group.tsx'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { useNow } from '../../../ui/relative-time.tsx'
import { formatAbsolute } from '../../../ui/time.ts'

const HOUR = 60 * 60
const GRACE = { none: 0, hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR } as const
type Grace = keyof typeof GRACE

const CHOICES: readonly { readonly value: Grace; readonly label: string }[] = [
  { value: 'none', label: 'No time' },
  { value: 'hour', label: '1 hour' },
  { value: 'day', label: '24 hours' },
  { value: 'week', label: '7 days' },
]

/** Replaces the secret of a key, with a time in which the old one stays valid. */
export function RotateDialog({
  isOpen,
  onClose,
  apiKey,
  organizationId,
  onRotated,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly apiKey: ApiKey
  readonly organizationId: string
  readonly onRotated: (issued: IssuedApiKey) => void
}) {
  const [grace, setGrace] = useState<Grace>('day')
  const now = useNow()
  const rotation = useMutation({
    mutationFn: () => api.apiKeys.rotate(apiKey.name, { gracePeriodSeconds: GRACE[grace] }, { organizationId }),
    onSuccess: async (issued) => {
      onRotated(issued)
      // The secret is in the state of the page, and nowhere else.
      rotation.reset()
      await queryClient.invalidateQueries({ queryKey: apiKeysOf(organizationId) })
    },
    gcTime: 0,
  })
  const end = Math.min(now + GRACE[grace] * 1000, Date.parse(apiKey.expiresAt ?? '') || Number.MAX_SAFE_INTEGER)
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title={
        <>
          Rotate <bdi>{apiKey.name}</bdi>
        </>
      }
      action="Create new secret"
      isDangerous={grace === 'none'}
      onConfirm={() => rotation.mutate()}
      isBusy={rotation.isPending}
      error={rotation.error}
    >
      <p>The key keeps its name, permissions and expiry, and gets a new secret, which is shown once.</p>
      <ChoiceGroup
        label="Keep the old secret valid for"
        value={grace}
        choices={CHOICES}
        onValueChange={setGrace}
        hint={
          grace === 'none'
            ? 'Programs that still use the old secret are refused at once.'
            : `It ends on ${formatAbsolute(new Date(end))}. Until then, both work.`
        }
      />
    </ConfirmDialog>
  )
}
