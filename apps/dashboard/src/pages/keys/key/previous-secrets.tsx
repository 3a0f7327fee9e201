import type { ApiKey } from '@daytona-auth/sdk'
import { endPreviousSecrets } from '../../../api/api-keys.ts'
import { Button } from '../../../ui/button.tsx'
import { EndDialog } from '../../../ui/end-dialog.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Notice } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { shortenMask } from '../shown-mask.ts'

type Secrets = ApiKey['previousSecrets']

/** Earlier secrets that a rotation left valid: until when, and whether requests still use them. */
export const PreviousSecrets = ({
  secrets,
  onEnd,
}: {
  readonly secrets: Secrets
  readonly onEnd: (() => void) | undefined
}) => (
  <Notice tone="warn">
    <strong>
      {secrets.length === 1 ? 'An earlier secret is still valid' : `${secrets.length} earlier secrets are still valid`}
    </strong>
    {secrets.map((secret) => (
      <p key={secret.value}>
        <code>{shortenMask(secret.value)}</code> ends <RelativeTime at={secret.expiresAt} />.{' '}
        <LastUse lastUsedAt={secret.lastUsedAt} />
      </p>
    ))}
    {onEnd && (
      <p>
        <Button onClick={onEnd}>{secrets.length === 1 ? 'End it now…' : 'End them now…'}</Button>
      </p>
    )}
  </Notice>
)

const LastUse = ({ lastUsedAt }: { readonly lastUsedAt: string | null }) =>
  lastUsedAt === null ? (
    'No request has used it.'
  ) : (
    <>
      Last request with it: <RelativeTime at={lastUsedAt} />.
    </>
  )

/** Asks before earlier secrets end, with the last use of each. */
export const EndPreviousDialog = ({
  isOpen,
  onClose,
  apiKey,
  organizationId,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly apiKey: ApiKey
  readonly organizationId: string
}) => (
  <EndDialog
    isOpen={isOpen}
    onClose={onClose}
    verb="End earlier secrets of"
    name={apiKey.name}
    action={apiKey.previousSecrets.length === 1 ? 'End the secret' : 'End the secrets'}
    end={() => endPreviousSecrets(organizationId, apiKey)}
    onEnded={() => {
      onClose()
      showToast('Only the current secret is valid now.')
    }}
  >
    <p>Programs that have not got the new secret are refused at once. This cannot be undone.</p>
    {apiKey.previousSecrets.map((secret) => (
      <p key={secret.value}>
        <code>{shortenMask(secret.value)}</code> <LastUse lastUsedAt={secret.lastUsedAt} />
      </p>
    ))}
  </EndDialog>
)
