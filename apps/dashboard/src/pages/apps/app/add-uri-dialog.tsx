import type { OauthApp } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { addRedirectUri } from '../../../api/oauth-apps.ts'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'

/** Asks before a redirect URI that was refused is registered: it may be a stranger's. */
export function AddUriDialog({
  uri,
  onClose,
  app,
  organizationId,
}: {
  /** Undefined: the dialog is closed. */
  readonly uri: string | undefined
  readonly onClose: () => void
  readonly app: OauthApp
  readonly organizationId: string
}) {
  const adding = useMutation({
    mutationFn: (added: string) => addRedirectUri(organizationId, app.clientId, added),
    onSuccess: () => {
      onClose()
      showToast('The redirect URI is added.')
    },
  })
  return (
    <ConfirmDialog
      isOpen={uri !== undefined}
      onClose={() => {
        adding.reset()
        onClose()
      }}
      title="Add this redirect URI?"
      action="Add redirect URI"
      isDangerous={false}
      onConfirm={() => uri !== undefined && adding.mutate(uri)}
      isBusy={adding.isPending}
      error={adding.error}
    >
      <p>
        <code>{uri}</code>
      </p>
      <p>
        People who sign in to <bdi>{app.name}</bdi> can then be sent to it. Add it only if the address is yours: anyone
        can send a request with the client id and an address of their own. A query of it is not stored: add that under
        “Settings”.
      </p>
    </ConfirmDialog>
  )
}
