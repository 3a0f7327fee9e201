import type { ResourceServer } from '@daytona-auth/sdk'
import { updateResourceServer } from '../../../api/resource-servers.ts'
import { EndDialog } from '../../../ui/end-dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'

/** Asks before an API is disabled. */
export const DisableApiDialog = ({
  isOpen,
  onClose,
  server,
  organizationId,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly server: ResourceServer
  readonly organizationId: string
}) => (
  <EndDialog
    isOpen={isOpen}
    onClose={onClose}
    verb="Disable"
    name={server.name}
    action="Disable API"
    end={() => updateResourceServer(organizationId, server.id, { enabled: false })}
    onEnded={() => {
      onClose()
      showToast('The API is disabled.')
    }}
  >
    <p>
      No tokens are issued for it, and issued ones are inactive until you enable it again. What people have allowed
      stays.
    </p>
  </EndDialog>
)
