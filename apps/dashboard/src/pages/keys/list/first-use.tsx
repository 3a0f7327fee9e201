import './first-use.css'
import { KEY_PREFIX } from '@daytona-auth/protocol/api-key-format'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { apiKeysOf } from '../../../api/api-keys.ts'
import { api } from '../../../api/client.ts'
import { useOrganizationEvents } from '../../../api/events.ts'
import { Button } from '../../../ui/button.tsx'
import { RelativeTime } from '../../../ui/relative-time.tsx'
import { Snippet } from '../../../ui/snippet.tsx'
import { usageLines } from '../command-lines.ts'
import { endFirstUse } from './first-use-over.ts'

/** What a person does first: create a key, run a line with it, see the request arrive. Then it is gone for good. */
export function FirstUse({ organizationId, userId }: { readonly organizationId: string; readonly userId: string }) {
  const [isHidden, setIsHidden] = useState(false)
  const { data: newest, refetch } = useQuery({
    queryKey: [...apiKeysOf(organizationId), 'first-use', userId],
    queryFn: async ({ signal }) => {
      const { items } = await api.apiKeys.page(
        { userId, status: 'all', sort: '-lastUsedAt', limit: 1 },
        { organizationId, signal },
      )
      return items[0] ?? null
    },
    enabled: !isHidden,
    staleTime: 0,
  })
  const usedAt = newest?.lastUsedAt ?? undefined
  useOrganizationEvents(organizationId, {
    // A key was created or revoked in another window, or used.
    onEvent: (event) => {
      if (event.type !== 'audit' || event.event.targetType === 'api_key') void refetch()
    },
    onGap: () => void refetch(),
    isEnabled: !isHidden && newest !== undefined && usedAt === undefined,
  })
  const [wasWaiting, setWasWaiting] = useState(false)
  useEffect(() => {
    if (newest === undefined) return
    if (usedAt === undefined) setWasWaiting(true)
    else endFirstUse(userId)
  }, [newest, usedAt, userId])
  if (isHidden || newest === undefined) return null
  // A person whose keys were used before has no need of it.
  if (usedAt !== undefined && !wasWaiting) return null
  const [curl] = usageLines(location.origin)
  return (
    <section className="card padded stack" aria-label="First steps">
      <div className="row between">
        <h2>First steps</h2>
        <Button
          kind="plain"
          onClick={() => {
            endFirstUse(userId)
            setIsHidden(true)
          }}
        >
          {usedAt === undefined ? 'Hide these steps' : 'Done'}
        </Button>
      </div>
      <ol className="steps">
        <Step isDone={newest !== null} title="Create an API key">
          {newest === null && (
            <p>
              <Link to="/o/$organizationId/keys/new" params={{ organizationId }}>
                Create a key
              </Link>{' '}
              and copy it. It is shown once.
            </p>
          )}
        </Step>
        <Step isDone={usedAt !== undefined} title="Run a line with it">
          {newest !== null && usedAt === undefined && (
            <Snippet title="curl" text={[`export DAYTONA_API_KEY=${KEY_PREFIX}…`, ...(curl?.lines ?? [])].join('\n')} />
          )}
        </Step>
        <Step isDone={usedAt !== undefined} title="See the request arrive">
          {newest !== null && (
            <p role="status">
              {usedAt === undefined ? (
                'Waiting for the first request…'
              ) : (
                <>
                  It has arrived, <RelativeTime at={usedAt} />, with the key{' '}
                  <Link to="/o/$organizationId/keys/$keyId" params={{ organizationId, keyId: newest.id }}>
                    <bdi>{newest.name}</bdi>
                  </Link>
                  .
                </>
              )}
            </p>
          )}
        </Step>
      </ol>
    </section>
  )
}

const Step = ({
  isDone,
  title,
  children,
}: {
  readonly isDone: boolean
  readonly title: string
  readonly children: ReactNode
}) => (
  <li className="step" {...(isDone && { 'data-done': '' })}>
    <span className="step-mark">{isDone && <Check className="icon" aria-hidden="true" />}</span>
    <div className="stack tight">
      <p>
        <strong>{title}</strong>
        {isDone && <span className="visually-hidden">: done</span>}
      </p>
      {children}
    </div>
  </li>
)
