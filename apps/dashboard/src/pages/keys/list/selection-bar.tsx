import type { ApiKey } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { Download, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { apiKeysOf, MAX_REVOKED_KEYS, revokeApiKeys } from '../../../api/api-keys.ts'
import { queryClient } from '../../../api/query-client.ts'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { download } from '../../../ui/download.ts'
import { keysToCsv } from './csv.ts'
import type { RevocationOutcome } from './revocation-notice.tsx'

/** What can be done with the selected keys. */
export function SelectionBar({
  keys,
  organizationId,
  ownerOf,
  onRevoked,
}: {
  readonly keys: readonly ApiKey[]
  readonly organizationId: string
  readonly ownerOf: (key: ApiKey) => string
  readonly onRevoked: (outcome: RevocationOutcome) => void
}) {
  const [isAsking, setIsAsking] = useState(false)
  const active = keys.filter(({ status }) => status === 'active')
  const isTooMany = active.length > MAX_REVOKED_KEYS
  const revocation = useMutation({
    mutationFn: (revoked: readonly ApiKey[]) =>
      revokeApiKeys(
        organizationId,
        revoked.map(({ id }) => id),
      ),
    onSuccess: async (results, asked) => {
      const names = new Map(asked.map(({ id, name }) => [id, name]))
      setIsAsking(false)
      onRevoked(results.map(({ id, status }) => ({ id, status, name: names.get(id) ?? id })))
      await queryClient.invalidateQueries({ queryKey: apiKeysOf(organizationId) })
    },
  })
  return (
    <section className="selection-bar" aria-label="Selection">
      <strong>{keys.length} selected</strong>
      <Button onClick={() => download('api-keys.csv', new Blob([keysToCsv(keys, ownerOf)], { type: 'text/csv' }))}>
        <Download className="icon" aria-hidden="true" />
        Export CSV
      </Button>
      <Button disabled={active.length === 0 || isTooMany} onClick={() => setIsAsking(true)}>
        <Trash2 className="icon" aria-hidden="true" />
        Revoke
      </Button>
      {isTooMany && <span className="soft">Up to {MAX_REVOKED_KEYS} active keys can be revoked at once.</span>}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => {
          revocation.reset()
          setIsAsking(false)
        }}
        title={`Revoke ${active.length} ${active.length === 1 ? 'key' : 'keys'}?`}
        action={`Revoke ${active.length === 1 ? 'key' : 'keys'}`}
        onConfirm={() => revocation.mutate(active)}
        isBusy={revocation.isPending}
        error={revocation.error}
      >
        <p>Requests with them are refused at once. This cannot be undone.</p>
        <ul className="revoked-names">
          {active.map(({ id, name }) => (
            <li key={id}>
              <bdi>{name}</bdi>
            </li>
          ))}
        </ul>
      </ConfirmDialog>
    </section>
  )
}
