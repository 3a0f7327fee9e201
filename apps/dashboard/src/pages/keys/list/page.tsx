import './page.css'
import type { ApiKey } from '@daytona-auth/sdk'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { KeyRound, Plus } from 'lucide-react'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { apiKeyPages, apiKeySummary } from '../../../api/api-keys.ts'
import { members } from '../../../api/organizations.ts'
import { PermissionChips } from '../../../permissions/permission-chips.tsx'
import { useProfile } from '../../../session/use-session.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Page } from '../../../ui/page.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { SearchField } from '../../../ui/search-field.tsx'
import { compact, type SearchChange } from '../../../ui/search-params.ts'
import { Select } from '../../../ui/select.tsx'
import { EmptyState, ErrorNotice } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { KeyStatus } from '../key-status.tsx'
import { LastSeen } from '../last-seen.tsx'
import { shortenMask } from '../shown-mask.ts'
import { AttentionLine } from './attention-line.tsx'
import { isFirstUseOver } from './first-use-over.ts'
import { isWhole, RevocationNotice, type RevocationOutcome } from './revocation-notice.tsx'
import { RowMenu } from './row-menu.tsx'
import { type KeysSearch, keysSearch, type Status } from './search.ts'
import { SelectionBar } from './selection-bar.tsx'
import { withoutSecret } from './without-secret.ts'

const FirstUse = lazy(async () => ({ default: (await import('./first-use.tsx')).FirstUse }))

const route = getRouteApi('/o/$organizationId/keys')

const STATUS_OPTIONS: readonly { value: Status; label: string }[] = [
  { value: 'active', label: 'Active' },
  { value: 'expiring', label: 'Expire within 7 days' },
  { value: 'unused', label: 'Unused for 90 days' },
  { value: 'expired', label: 'Expired' },
  { value: 'revoked', label: 'Revoked' },
  { value: 'all', label: 'All statuses' },
]

/** The API keys of the organization: one's own, and everybody's for its administrators. */
export function KeysPage() {
  const { organizationId } = route.useParams()
  const search = route.useSearch()
  const { q = '', status = 'active', sort = '-createdAt' } = search
  const navigate = route.useNavigate()
  const change = useCallback(
    (next: SearchChange<KeysSearch>, replace = false) =>
      void navigate({ search: (before) => compact({ ...before, ...next }), replace }),
    [navigate],
  )
  const profile = useProfile()
  const keys = useInfiniteQuery(apiKeyPages(organizationId, { ...search, status, sort }))
  const summary = useQuery(apiKeySummary(organizationId))
  const people = useQuery(members(organizationId))
  const ownerOf = useMemo(() => {
    const names = new Map(people.data?.map(({ userId, name, email }) => [userId, name || email]))
    return ({ userId }: ApiKey) => names.get(userId) ?? userId
  }, [people.data])
  const columns = useMemo(
    () => columnsFor({ organizationId, userId: profile.id, ownerOf }),
    [organizationId, profile.id, ownerOf],
  )
  const rows = useMemo(() => keys.data?.pages.flatMap(({ items }) => items), [keys.data])
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [partial, setPartial] = useState<{ readonly of: string; readonly outcome: RevocationOutcome }>()
  const showOutcome = (outcome: RevocationOutcome): void => {
    setSelected(new Set())
    setPartial(isWhole(outcome) ? undefined : { of: organizationId, outcome })
    if (isWhole(outcome)) showToast(`${outcome.length} ${outcome.length === 1 ? 'key is' : 'keys are'} revoked.`)
  }
  const chosen = useMemo(() => rows?.filter(({ id }) => selected.has(id)) ?? [], [rows, selected])
  const isFiltered = q !== '' || search.permission !== undefined || status !== 'active'
  return (
    <Page
      title="API keys"
      lead="Credentials for programs. A key never exceeds what its owner may do."
      actions={createLink(organizationId)}
    >
      {summary.data && <AttentionLine summary={summary.data} search={search} onChange={change} />}
      {summary.isPending && <div className="attention" />}
      {partial?.of === organizationId && (
        <RevocationNotice outcome={partial.outcome} onDismiss={() => setPartial(undefined)} />
      )}
      <div className="card">
        <div className="key-filters">
          <SearchField
            label="Search keys"
            placeholder="Name, last characters, permission or owner"
            value={q}
            transform={withoutSecret}
            onSearch={(text) => change({ q: text.trim() || undefined }, true)}
          />
          <Select
            label="Status"
            isLabelHidden
            value={status}
            options={STATUS_OPTIONS}
            onValueChange={(next) => change({ status: next === 'active' ? undefined : next })}
          />
        </div>
        {keys.error && (
          <div className="key-filters">
            <ErrorNotice error={keys.error} onRetry={() => void keys.refetch()} />
          </div>
        )}
        {chosen.length > 0 && (
          <SelectionBar keys={chosen} organizationId={organizationId} ownerOf={ownerOf} onRevoked={showOutcome} />
        )}
        {(rows || !keys.error) && (
          <DataTable
            label="API keys"
            columns={columns}
            rows={rows}
            rowId={({ id }) => id}
            rowName={({ name }) => name}
            selected={selected}
            onSelectedChange={setSelected}
            isSorted
            sort={sort}
            onSortChange={(next) => change({ sort: keysSearch({ sort: next }).sort }, true)}
            empty={
              isFiltered ? (
                <EmptyState icon={KeyRound} title="No key matches">
                  <p>Change the search or the status.</p>
                  <Button onClick={() => change({ q: undefined, status: undefined, permission: undefined })}>
                    Show all active keys
                  </Button>
                </EmptyState>
              ) : (
                <EmptyState icon={KeyRound} title="No API keys yet">
                  <p>A key lets a program call the API. You choose what it may do, and for how long.</p>
                  {createLink(organizationId)}
                </EmptyState>
              )
            }
          />
        )}
      </div>
      {rows && !isFirstUseOver(profile.id) && (
        <Suspense>
          <FirstUse key={organizationId} organizationId={organizationId} userId={profile.id} />
        </Suspense>
      )}
      {keys.hasNextPage && (
        <div className="row">
          <Button isBusy={keys.isFetchingNextPage} onClick={() => void keys.fetchNextPage()}>
            Show more keys
          </Button>
        </div>
      )}
    </Page>
  )
}

const createLink = (organizationId: string) => (
  <Link to="/o/$organizationId/keys/new" params={{ organizationId }} className={buttonClass('primary')}>
    <Plus className="icon" aria-hidden="true" />
    Create key
  </Link>
)

const columnsFor = ({
  organizationId,
  userId,
  ownerOf,
}: {
  readonly organizationId: string
  readonly userId: string
  readonly ownerOf: (key: ApiKey) => string
}): Column<ApiKey>[] => [
  {
    id: 'name',
    header: 'Name',
    kind: 'title',
    sortValue: ({ name }) => name,
    cell: ({ id, name, value }) => (
      <span className="key-name">
        <Link to="/o/$organizationId/keys/$keyId" params={{ organizationId, keyId: id }} className="title-link">
          <bdi>{name}</bdi>
        </Link>
        <code className="soft">{shortenMask(value)}</code>
      </span>
    ),
  },
  {
    id: 'permissions',
    header: 'Permissions',
    cell: ({ permissions }) => <PermissionChips permissions={permissions} />,
  },
  { id: 'owner', header: 'Owner', cell: (key) => <bdi>{ownerOf(key)}</bdi> },
  {
    id: 'lastUsedAt',
    header: 'Last used',
    sortValue: ({ lastUsedAt }) => Date.parse(lastUsedAt ?? '') || 0,
    cell: (key) => <LastSeen apiKey={key} />,
  },
  {
    id: 'expiresAt',
    header: 'Expires',
    sortValue: ({ expiresAt }) => Date.parse(expiresAt ?? '') || Number.MAX_SAFE_INTEGER,
    cell: ({ expiresAt }) =>
      expiresAt === null ? <span className="soft">Never</span> : <RelativeTime at={expiresAt} />,
  },
  {
    id: 'createdAt',
    header: 'Created',
    sortValue: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
  },
  { id: 'status', header: 'Status', cell: ({ status }) => <KeyStatus status={status} /> },
  {
    id: 'actions',
    header: '',
    kind: 'actions',
    cell: (key) => <RowMenu apiKey={key} organizationId={organizationId} isOwn={key.userId === userId} />,
  },
]
