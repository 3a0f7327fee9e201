import type { ApiKeyRevocation } from '@daytona-auth/sdk'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/states.tsx'

/** What became of each key that was to be revoked. */
export type RevocationOutcome = readonly (ApiKeyRevocation & { readonly name: string })[]

const REASONS: Readonly<Record<Exclude<ApiKeyRevocation['status'], 'revoked'>, string>> = {
  not_found: 'had ended before.',
  forbidden: 'belongs to another member, and you are not an administrator of this organization.',
}

export const isWhole = (outcome: RevocationOutcome): boolean => outcome.every(({ status }) => status === 'revoked')

/** Says which keys were not revoked, and why. It stays until it is dismissed. */
export function RevocationNotice({
  outcome,
  onDismiss,
}: {
  readonly outcome: RevocationOutcome
  readonly onDismiss: () => void
}) {
  const others = outcome.flatMap(({ id, name, status }) =>
    status === 'revoked' ? [] : [{ id, name, reason: REASONS[status] }],
  )
  const revoked = outcome.length - others.length
  return (
    <Notice tone="warn">
      <p>
        <strong>{`${revoked} of ${outcome.length} ${outcome.length === 1 ? 'key is' : 'keys are'} revoked.`}</strong>
      </p>
      <ul className="revoked-names">
        {others.map(({ id, name, reason }) => (
          <li key={id}>
            <bdi>{name}</bdi> {reason}
          </li>
        ))}
      </ul>
      <p>
        <Button onClick={onDismiss}>Dismiss</Button>
      </p>
    </Notice>
  )
}
