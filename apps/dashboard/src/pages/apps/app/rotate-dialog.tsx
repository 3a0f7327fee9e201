import type { CreatedOauthApp, OauthApp } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { rotateOauthAppSecret } from '../../../api/oauth-apps.ts'
import { ConfirmDialog } from '../../../ui/dialog.tsx'

/** Asks before all secrets of an app are replaced. */
export function RotateSecretDialog({
  isOpen,
  onClose,
  app,
  organizationId,
  onRotated,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly app: OauthApp
  readonly organizationId: string
  readonly onRotated: (issued: CreatedOauthApp) => void
}) {
  const rotation = useMutation({
    mutationFn: () => rotateOauthAppSecret(organizationId, app.clientId),
    onSuccess: (issued) => {
      onRotated(issued)
      // The secret is in the state of the page, and nowhere else.
      rotation.reset()
    },
    gcTime: 0,
  })
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        rotation.reset()
        onClose()
      }}
      title={
        <>
          Replace {app.secrets.length > 1 ? 'all secrets' : 'the secret'} of <bdi>{app.name}</bdi>?
        </>
      }
      action="Create new secret"
      onConfirm={() => rotation.mutate()}
      isBusy={rotation.isPending}
      error={rotation.error}
    >
      <p>
        {app.secrets.length > 1 ? 'All present secrets are' : 'The present secret is'} refused at once. The app cannot
        sign people in until it has the new one.
      </p>
      <p>To change without an interruption, add a secret, store it in the app, and delete the old one.</p>
    </ConfirmDialog>
  )
}
