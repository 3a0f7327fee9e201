import type { ResourceServer } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { updateResourceServer } from '../../../api/resource-servers.ts'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'

/** Asks before an API is disabled. */
export function DisableApiDialog({
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
  const disabling = useMutation({
    mutationFn: () => updateResourceServer(organizationId, server.id, { enabled: false }),
    onSuccess: () => {
      onClose()
      showToast('The API is disabled.')
    },
  })
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        disabling.reset()
        onClose()
      }}
      title={
        <>
          Disable <bdi>{server.name}</bdi>?
        </>
      }
      action="Disable API"
      onConfirm={() => disabling.mutate()}
      isBusy={disabling.isPending}
      error={disabling.error}
    >
      <p>
        No tokens are issued for it, and issued ones are inactive until you enable it again. What people have allowed
        stays.
      </p>
    </ConfirmDialog>
  )
}
