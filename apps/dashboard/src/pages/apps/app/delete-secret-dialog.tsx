import type { OauthApp, OauthAppSecret } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { deleteOauthAppSecret } from '../../../api/oauth-apps.ts'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { maskSecret } from '../secret-mask.ts'

/** Asks before a secret of an app is deleted, and says when it was last used. */
export function DeleteSecretDialog({
  secret,
  onClose,
  app,
  organizationId,
}: {
  /** Undefined: the dialog is closed. */
  readonly secret: OauthAppSecret | undefined
  readonly onClose: () => void
  readonly app: OauthApp
  readonly organizationId: string
}) {
  const deletion = useMutation({
    mutationFn: (id: string) => deleteOauthAppSecret(organizationId, app.clientId, id),
    onSuccess: () => {
      onClose()
      showToast('The secret is deleted.')
    },
  })
  return (
    <ConfirmDialog
      isOpen={secret !== undefined}
      onClose={() => {
        deletion.reset()
        onClose()
      }}
      title={
        <>
          Delete the secret <bdi>{secret?.name}</bdi>?
        </>
      }
      action="Delete secret"
      onConfirm={() => secret && deletion.mutate(secret.id)}
      isBusy={deletion.isPending}
      error={deletion.error}
    >
      {secret && (
        <p>
          The app is refused with the secret {secret.hint !== null && <code>{maskSecret(secret.hint)} </code>}at once.
          This cannot be undone.{' '}
          {secret.lastUsedAt === null ? (
            'It was never used.'
          ) : (
            <>
              It was last used <RelativeTime at={secret.lastUsedAt} />.
            </>
          )}
        </p>
      )}
    </ConfirmDialog>
  )
}
