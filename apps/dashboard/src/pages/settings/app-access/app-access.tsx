import './app-access.css'
import type { OrganizationUser } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type AppAction, appDecisions, appRequests } from '../../../api/app-access.ts'
import { organizations } from '../../../api/organizations.ts'
import { QueryStates, Skeleton } from '../../../ui/states.tsx'
import { ActionDialog, type NamedApp } from './action-dialog.tsx'
import { Decisions } from './decisions.tsx'
import { Policy } from './policy.tsx'
import { Requests } from './requests.tsx'

/** Which third-party apps members may use in the organization: the policy, their requests, and decisions about single apps. */
export function AppAccess({
  organizationId,
  isOwner,
  people,
}: {
  readonly organizationId: string
  readonly isOwner: boolean
  readonly people: readonly OrganizationUser[]
}) {
  const all = useQuery(organizations)
  const requests = useQuery(appRequests(organizationId))
  const decisions = useQuery(appDecisions(organizationId))
  const [asked, setAsked] = useState<{ readonly app: NamedApp; readonly action: AppAction }>()
  const [isAsking, setIsAsking] = useState(false)
  const ask = (app: NamedApp, action: AppAction): void => {
    setAsked({ app, action })
    setIsAsking(true)
  }
  // Everything at once: a list that comes later would move what is below it.
  if (all.isPending || requests.isPending || decisions.isPending) return <Skeleton height="48rem" />
  const policy = all.data?.find(({ id }) => id === organizationId)?.appAccess
  return (
    <>
      {policy && <Policy organizationId={organizationId} policy={policy} isOwner={isOwner} />}
      <QueryStates query={requests} loading={<Skeleton height="12rem" />}>
        {(rows) => <Requests rows={rows} onAct={ask} />}
      </QueryStates>
      <QueryStates query={decisions} loading={<Skeleton height="12rem" />}>
        {(rows) => <Decisions rows={rows} people={people} onAct={ask} />}
      </QueryStates>
      {asked && (
        <ActionDialog
          key={`${asked.app.clientId} ${asked.action}`}
          isOpen={isAsking}
          onClose={() => setIsAsking(false)}
          organizationId={organizationId}
          app={asked.app}
          action={asked.action}
        />
      )}
    </>
  )
}
