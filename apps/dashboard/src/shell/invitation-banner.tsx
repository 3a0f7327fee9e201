import './invitation-banner.css'
import type { OrganizationInvitation } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ownInvitations } from '../api/invitations.ts'
import { organizations } from '../api/organizations.ts'
import { queryClient } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { useNow } from '../ui/relative-time.tsx'
import { ErrorNotice } from '../ui/states.tsx'
import { showToast } from '../ui/toasts.tsx'

/** The invitations to the signed-in person, above every page. */
export function InvitationBanner() {
  const { data = [] } = useQuery(ownInvitations)
  const now = useNow()
  const open = data.filter(({ expiresAt }) => Date.parse(expiresAt) > now)
  if (open.length === 0) return null
  return (
    <section className="invitations" aria-label="Your invitations">
      {open.map((invitation) => (
        <Invitation key={invitation.id} invitation={invitation} />
      ))}
    </section>
  )
}

function Invitation({ invitation }: { readonly invitation: OrganizationInvitation }) {
  const { id, organizationId, organizationName, invitedBy, role, assignedRoles } = invitation
  const [isAsking, setIsAsking] = useState(false)
  const navigate = useNavigate()
  const acceptance = useMutation({
    mutationFn: () => api.invitations.accept(id),
    onSuccess: async () => {
      // The page of the organization is "not found" until the list has it.
      await queryClient.invalidateQueries({ queryKey: organizations.queryKey })
      await navigate({ to: '/o/$organizationId/keys', params: { organizationId } })
      showToast(`You are a member of ${organizationName}.`)
      await queryClient.invalidateQueries({ queryKey: ownInvitations.queryKey })
    },
  })
  const decline = useMutation({
    mutationFn: () => api.invitations.decline(id),
    onSuccess: async () => {
      setIsAsking(false)
      showToast('The invitation is declined.')
      await queryClient.invalidateQueries({ queryKey: ownInvitations.queryKey })
    },
  })
  return (
    <div className="invitation">
      <p>
        <bdi>{invitedBy}</bdi> invites you to{' '}
        <strong>
          <bdi>{organizationName}</bdi>
        </strong>{' '}
        as {role === 'owner' ? 'an owner' : 'a member'}
        {role === 'member' && assignedRoles.length > 0 && (
          <>
            {' '}
            with {assignedRoles.length === 1 ? 'the role' : 'the roles'}{' '}
            {assignedRoles.map(({ id: roleId, name }, index) => (
              <span key={roleId}>
                {index > 0 && ', '}
                <bdi>{name}</bdi>
              </span>
            ))}
          </>
        )}
        .
      </p>
      <div className="row">
        <Button onClick={() => setIsAsking(true)} aria-label={`Decline the invitation to ${organizationName}`}>
          Decline
        </Button>
        <Button
          kind="primary"
          isBusy={acceptance.isPending}
          onClick={() => acceptance.mutate()}
          aria-label={`Accept the invitation to ${organizationName}`}
        >
          Accept
        </Button>
      </div>
      {acceptance.error && <ErrorNotice error={acceptance.error} onRetry={() => acceptance.mutate()} />}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={
          <>
            Decline the invitation to <bdi>{organizationName}</bdi>?
          </>
        }
        action="Decline"
        onConfirm={() => decline.mutate()}
        isBusy={decline.isPending}
        error={decline.error}
      >
        <p>To join later, you need a new invitation.</p>
      </ConfirmDialog>
    </div>
  )
}
