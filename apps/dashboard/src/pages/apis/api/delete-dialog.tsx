import type { ResourceServer } from '@daytona-auth/sdk'
import { useNavigate } from '@tanstack/react-router'
import { deleteResourceServer } from '../../../api/resource-servers.ts'
import { EndDialog } from '../../../ui/end-dialog.tsx'
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
  return (
    <EndDialog
      isOpen={isOpen}
      onClose={onClose}
      verb="Delete"
      name={name}
      isNameTyped
      action="Delete API"
      end={() => deleteResourceServer(organizationId, id)}
      onEnded={async () => {
        await navigate({ to: '/o/$organizationId/apis', params: { organizationId }, ignoreBlocker: true })
        showToast('The API is deleted.')
      }}
    >
      <p>
        No more tokens are issued for <code>{identifier}</code>, and issued ones are inactive. An API that verifies them
        offline accepts them until they expire. Another organization may register the URL afterwards.
      </p>
    </EndDialog>
  )
}
