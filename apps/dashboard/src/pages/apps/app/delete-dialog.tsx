import type { OauthApp } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { deleteOauthApp } from '../../../api/oauth-apps.ts'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
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
  const { clientId, name } = app
  const navigate = useNavigate()
  const deletion = useMutation({
    mutationFn: () => deleteOauthApp(organizationId, clientId),
    onSuccess: async () => {
      await navigate({ to: '/o/$organizationId/apps', params: { organizationId }, ignoreBlocker: true })
      showToast('The app is deleted.')
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
      action="Delete app"
      onConfirm={() => deletion.mutate()}
      isBusy={deletion.isPending}
      nameToType={name}
      error={deletion.error}
    >
      <p>
        People can no longer sign in to it, its tokens are refused at once, and API keys that were made with them are
        revoked. This cannot be undone: another app gets another client id.
      </p>
    </ConfirmDialog>
  )
}
