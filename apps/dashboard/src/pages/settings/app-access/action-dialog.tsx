import type { AppRequest } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { type AppAction, actOnApp } from '../../../api/app-access.ts'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'

/** An app as its makers named it. */
export type NamedApp = Pick<AppRequest, 'clientId' | 'name' | 'homepageUri'>

const TEXTS = {
  approve: {
    verb: 'Approve',
    action: 'Approve app',
    effect:
      'Only approve it if you trust the makers of the app: members can then give it access to the organization, within their own permissions.',
    toast: 'The app is approved.',
  },
  block: {
    verb: 'Block',
    action: 'Block app',
    effect: 'The app and the API keys that were created with it lose access to the organization at once.',
    toast: 'The app is blocked.',
  },
  decline: {
    verb: 'Decline the requests for',
    action: 'Decline requests',
    effect: 'Those who asked get a mail. Nothing is decided about the app: members may request it again.',
    toast: 'The requests are declined.',
  },
  delete: {
    verb: 'Delete the decision about',
    action: 'Delete decision',
    effect: 'The policy of the organization applies to the app again, at once.',
    toast: 'The decision is deleted.',
  },
} as const satisfies Record<AppAction, unknown>

/** Asks before an action about an app, with what it means for it. */
export function ActionDialog({
  isOpen,
  onClose,
  organizationId,
  app: { clientId, name, homepageUri },
  action,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly organizationId: string
  readonly app: NamedApp
  readonly action: AppAction
}) {
  const texts = TEXTS[action]
  const acting = useMutation({
    mutationFn: () => actOnApp(organizationId, clientId, action),
    onSuccess: () => {
      onClose()
      showToast(texts.toast)
    },
  })
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        acting.reset()
        onClose()
      }}
      title={
        <>
          {texts.verb} <bdi>{name}</bdi>?
        </>
      }
      action={texts.action}
      onConfirm={() => acting.mutate()}
      isBusy={acting.isPending}
      isDangerous={action !== 'approve'}
      error={acting.error}
    >
      <p>{texts.effect}</p>
      <dl className="facts">
        <dt>Client ID</dt>
        <dd>
          <code>{clientId}</code>
        </dd>
        {homepageUri && (
          <>
            <dt>Homepage</dt>
            <dd className="app-homepage">{homepageUri}</dd>
          </>
        )}
      </dl>
    </ConfirmDialog>
  )
}
