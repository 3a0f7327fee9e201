import type { ApiKey } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { Download, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { apiKeysOf, revokeApiKey } from '../../../api/api-keys.ts'
import { queryClient } from '../../../api/query-client.ts'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { describeError } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { keysToCsv } from './csv.ts'

/** What can be done with the selected keys. */
export function SelectionBar({
  keys,
  organizationId,
  ownerOf,
  onDone,
}: {
  readonly keys: readonly ApiKey[]
  readonly organizationId: string
  readonly ownerOf: (key: ApiKey) => string
  readonly onDone: (failed: ReadonlySet<string>) => void
}) {
  const [isAsking, setIsAsking] = useState(false)
  const active = keys.filter(({ status }) => status === 'active')
  const revocation = useMutation({
    mutationFn: async () => {
      const failed = new Set<string>()
      let problem: unknown
      // One after the other: each is refused before the next is sent, and a failure leaves the rest selected.
      for (const key of active) {
        try {
          await revokeApiKey(organizationId, key)
        } catch (error) {
          failed.add(key.id)
          problem = error
        }
      }
      return { failed, problem }
    },
    onSuccess: async ({ failed, problem }) => {
      setIsAsking(false)
      const revoked = active.length - failed.size
      showToast(
        failed.size === 0
          ? `${revoked} ${revoked === 1 ? 'key is' : 'keys are'} revoked.`
          : `${revoked} of ${active.length} keys are revoked. ${describeError(problem).sentence}`,
      )
      onDone(failed)
      await queryClient.invalidateQueries({ queryKey: apiKeysOf(organizationId) })
    },
  })
  return (
    <section className="selection-bar" aria-label="Selection">
      <strong>{keys.length} selected</strong>
      <Button onClick={() => downloadCsv(keysToCsv(keys, ownerOf))}>
        <Download className="icon" aria-hidden="true" />
        Export CSV
      </Button>
      <Button disabled={active.length === 0} onClick={() => setIsAsking(true)}>
        <Trash2 className="icon" aria-hidden="true" />
        Revoke
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={`Revoke ${active.length} ${active.length === 1 ? 'key' : 'keys'}?`}
        action={`Revoke ${active.length === 1 ? 'key' : 'keys'}`}
        onConfirm={() => revocation.mutate()}
        isBusy={revocation.isPending}
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

function downloadCsv(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'api-keys.csv'
  link.click()
  URL.revokeObjectURL(url)
}
