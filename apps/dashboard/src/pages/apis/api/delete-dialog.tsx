import type { ResourceServer } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { deleteResourceServer } from '../../../api/resource-servers.ts'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'

/** Asks before an API is deleted: its name has to be typed. */
export function DeleteApiDialog({
  isOpen,
  onClose,
  server,
  organizationId,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly server: ResourceServer
  readonly organizationId: string
}) {
  const { id, name, identifier } = server
  const navigate = useNavigate()
  const deletion = useMutation({
    mutationFn: () => deleteResourceServer(organizationId, id),
    onSuccess: async () => {
      await navigate({ to: '/o/$organizationId/apis', params: { organizationId }, ignoreBlocker: true })
      showToast('The API is deleted.')
    },
  })
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        deletion.reset()
        onClose()
      }}
      title={
        <>
          Delete <bdi>{name}</bdi>?
        </>
      }
      action="Delete API"
      onConfirm={() => deletion.mutate()}
      isBusy={deletion.isPending}
      nameToType={name}
      error={deletion.error}
    >
      <p>
        No more tokens are issued for <code>{identifier}</code>, and issued ones are inactive. An API that verifies them
        offline accepts them until they expire. Another organization may register the URL afterwards.
      </p>
    </ConfirmDialog>
  )
}
