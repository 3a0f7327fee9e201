import type { AuditVerification } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { Download, ShieldCheck } from 'lucide-react'
import type { AuditFilter } from '../../api/audit.ts'
import { api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { download } from '../../ui/download.ts'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { ErrorNotice, Notice } from '../../ui/states.tsx'

/** Exports what is filtered, and verifies that no event was changed or removed. */
export function useTrailActions(organizationId: string, filter: AuditFilter) {
  const exporting = useMutation({
    mutationFn: async () => {
      const response = await api.audit.export(organizationId, filter)
      download(`audit-${organizationId}.ndjson`, await response.blob())
    },
  })
  const verification = useMutation({
    mutationFn: async () => ({ ...(await api.audit.verify(organizationId)), at: new Date().toISOString() }),
  })
  return {
    buttons: (
      <>
        <Button isBusy={verification.isPending} onClick={() => verification.mutate()}>
          <ShieldCheck className="icon" aria-hidden="true" />
          {verification.isPending ? 'Verifying…' : 'Verify'}
        </Button>
        <Button isBusy={exporting.isPending} onClick={() => exporting.mutate()}>
          <Download className="icon" aria-hidden="true" />
          {exporting.isPending ? 'Exporting…' : 'Export'}
        </Button>
      </>
    ),
    outcome: (
      <>
        {exporting.error && <ErrorNotice error={exporting.error} onRetry={() => exporting.mutate()} />}
        {verification.error && <ErrorNotice error={verification.error} onRetry={() => verification.mutate()} />}
        {verification.data && <Verified result={verification.data} />}
      </>
    ),
  }
}

/** When the chain was verified, and until where. */
function Verified({ result }: { readonly result: AuditVerification & { readonly at: string } }) {
  const { valid, events, brokenAt, brokenEventId, dropped, at } = result
  const time = <RelativeTime at={at} />
  if (!valid) {
    return (
      <Notice tone="bad">
        <p>
          <strong>The chain is broken at event number {brokenAt ?? '?'}.</strong> Verified {time}.
        </p>
        <p>
          {brokenEventId !== null && (
            <>
              The event <code>{brokenEventId}</code> was changed, or one before it was removed.{' '}
            </>
          )}
          Compare the trail with an earlier export, and with the backups of the database.
        </p>
      </Notice>
    )
  }
  return (
    <Notice tone="good">
      <p>
        <strong>The chain is intact up to event number {events.toLocaleString('en')}.</strong> Verified {time}: no event
        was changed or removed.
      </p>
      {dropped.length > 0 && (
        <p>
          Months that the retention has dropped: {dropped.map(({ month }) => month).join(', ')}. The chain continues
          from their anchors.
        </p>
      )}
    </Notice>
  )
}
