import type { OauthApp } from '@daytona-auth/sdk'
import { useNavigate } from '@tanstack/react-router'
import { deleteOauthApp } from '../../../api/oauth-apps.ts'
import { EndDialog } from '../../../ui/end-dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'

/** Asks before an app is deleted: its name has to be typed. */
export function DeleteAppDialog({
  isOpen,
  onClose,
  app,
  organizationId,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly app: OauthApp
  readonly organizationId: string
}) {
  const navigate = useNavigate()
  return (
    <EndDialog
      isOpen={isOpen}
      onClose={onClose}
      verb="Delete"
      name={app.name}
      isNameTyped
      action="Delete app"
      end={() => deleteOauthApp(organizationId, app.clientId)}
      onEnded={async () => {
        await navigate({ to: '/o/$organizationId/apps', params: { organizationId }, ignoreBlocker: true })
        showToast('The app is deleted.')
      }}
    >
      <p>
        People can no longer sign in to it, its tokens are refused at once, and API keys that were made with them are
        revoked. This cannot be undone: another app gets another client id.
      </p>
    </EndDialog>
  )
}
