import './single-sign-on.css'
import type { OrganizationUser } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { domains, identityProvider } from '../../../api/single-sign-on.ts'
import { Notice, QueryStates, Skeleton } from '../../../ui/states.tsx'
import { Domains } from './domains.tsx'
import { Provider } from './provider.tsx'
import { MemberProvisioning } from './provisioning.tsx'
import { SignInRule } from './sign-in-rule.tsx'

/** The e-mail domains of the organization, its identity provider, and what a sign-in with that gives. */
export function SingleSignOn({
  organizationId,
  isOwner,
  people,
}: {
  readonly organizationId: string
  readonly isOwner: boolean
  readonly people: readonly OrganizationUser[]
}) {
  const provider = useQuery(identityProvider(organizationId))
  const list = useQuery(domains(organizationId))
  // Everything at once: a domain that comes later would move what is below it.
  if (list.isPending || provider.isPending) return <Skeleton height="48rem" />
  return (
    <>
      {!isOwner && <Notice>Only an owner can change how people sign in.</Notice>}
      <Domains organizationId={organizationId} isOwner={isOwner} people={people} />
      <QueryStates query={provider} loading={<Skeleton height="24rem" />}>
        {(found) => (
          <>
            <Provider organizationId={organizationId} provider={found} isOwner={isOwner} people={people} />
            {found && <SignInRule organizationId={organizationId} provider={found} isOwner={isOwner} people={people} />}
            {found && <MemberProvisioning organizationId={organizationId} isOwner={isOwner} people={people} />}
          </>
        )}
      </QueryStates>
    </>
  )
}
