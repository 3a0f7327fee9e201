import { QUOTA_RESOURCES } from '@daytona-auth/protocol/quotas'
import type { Quota } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { organizationQuotas } from '../../api/organization-usage.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ErrorNotice } from '../../ui/states.tsx'

const count = new Intl.NumberFormat('en')

const nameOf = ({ resource }: Quota): string => {
  const [, several] = QUOTA_RESOURCES[resource]
  return several.charAt(0).toUpperCase() + several.slice(1)
}

const COLUMNS: Column<Quota>[] = [
  { id: 'resource', header: 'Quota', kind: 'title', cell: (quota) => nameOf(quota) },
  { id: 'used', header: 'Used', cell: ({ used }) => count.format(used) },
  { id: 'maximum', header: 'Maximum', cell: ({ maximum }) => count.format(maximum) },
]

/** What the organization may have. Nothing if the operator has set no quota. */
export function Quotas({ organizationId }: { readonly organizationId: string }) {
  const { data, error, refetch } = useQuery(organizationQuotas(organizationId))
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  if (!data || data.length === 0) return null
  return (
    <section className="card" aria-label="Quotas">
      <DataTable
        label="Quotas"
        columns={COLUMNS}
        rows={data}
        rowId={({ resource }) => resource}
        rowName={nameOf}
        empty={null}
      />
    </section>
  )
}
