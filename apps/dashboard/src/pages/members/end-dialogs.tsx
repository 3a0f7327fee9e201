import { useMutation, useQuery } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { cancelInvitation } from '../../api/invitations.ts'
import { queryClient } from '../../api/query-client.ts'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { NameList } from '../../ui/name-list.tsx'
import { QueryStates, Skeleton } from '../../ui/states.tsx'
import { showToast } from '../../ui/toasts.tsx'
import type { MemberRow } from './rows.ts'

interface EndDialogProps {
  readonly row: MemberRow | undefined
  readonly onClose: () => void
  readonly organizationId: string
}

/** Asks before a member is removed, with the API keys that stop working. */
export function RemoveDialog({ row, onClose, organizationId }: EndDialogProps) {
  const userId = row?.id ?? ''
  const stopped = useQuery({
    queryKey: ['organization', organizationId, 'members', userId, 'stopped-keys'],
    queryFn: ({ signal }) => api.organizations.members.keysStoppedByRemoval(organizationId, userId, { signal }),
    enabled: row !== undefined,
    staleTime: 0,
  })
  const removal = useMutation({
    mutationFn: () => api.organizations.members.remove(organizationId, userId),
    onSuccess: async () => {
      onClose()
      showToast('The member is removed.')
      await queryClient.invalidateQueries({ queryKey: ['organization', organizationId] })
    },
  })
  return (
    <ConfirmDialog
      isOpen={row !== undefined}
      onClose={() => {
        removal.reset()
        onClose()
      }}
      title={
        row && (
          <>
            Remove <bdi>{row.name}</bdi>?
          </>
        )
      }
      action="Remove member"
      onConfirm={() => removal.mutate()}
      isBusy={removal.isPending}
      isBlocked={stopped.data === undefined}
      error={removal.error}
    >
      <p>Their access to the organization ends at once. To come back, they need a new invitation.</p>
      {row && (
        <QueryStates query={stopped} loading={<Skeleton height="1.5rem" />}>
          {(keys) =>
            keys.length === 0 ? (
              <p>No API key stops working.</p>
            ) : (
              <>
                <p>
                  {keys.length === 1 ? 'This API key stops working:' : `These ${keys.length} API keys stop working:`}
                </p>
                <NameList items={keys.map(({ name, value }) => ({ id: value, name }))} />
              </>
            )
          }
        </QueryStates>
      )}
    </ConfirmDialog>
  )
}

/** Asks before an invitation is cancelled. */
export function CancelDialog({ row, onClose, organizationId }: EndDialogProps) {
  const cancellation = useMutation({
    mutationFn: () => cancelInvitation(organizationId, row?.id ?? ''),
    onSuccess: async () => {
      onClose()
      showToast('The invitation is cancelled.')
      await queryClient.invalidateQueries({ queryKey: ['organization', organizationId] })
    },
  })
  return (
    <ConfirmDialog
      isOpen={row !== undefined}
      onClose={() => {
        cancellation.reset()
        onClose()
      }}
      title={
        row && (
          <>
            Cancel the invitation of <bdi>{row.email}</bdi>?
          </>
        )
      }
      action="Cancel invitation"
      onConfirm={() => cancellation.mutate()}
      isBusy={cancellation.isPending}
      error={cancellation.error}
    >
      <p>It can no longer be accepted, and the link in its mail stops working.</p>
    </ConfirmDialog>
  )
}
