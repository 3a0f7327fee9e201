import type { Organization } from '@daytona-auth/sdk'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { apiKeySummary } from '../../api/api-keys.ts'
import { api } from '../../api/client.ts'
import { organizations } from '../../api/organizations.ts'
import { queryClient } from '../../api/query-client.ts'
import { EndDialog } from '../../ui/end-dialog.tsx'
import { showToast } from '../../ui/toasts.tsx'

interface EndDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly organization: Organization
}

/** Goes to another organization, and takes the ended one out of the lists. */
function useFarewell(organizationId: string, sentence: string): () => Promise<void> {
  const navigate = useNavigate()
  return async () => {
    const rest = queryClient.getQueryData(organizations.queryKey)?.filter(({ id }) => id !== organizationId) ?? []
    const next = rest.find(({ personal }) => personal) ?? rest[0]
    // Before the list changes: the page of an organization that is not in it is "not found".
    if (next) {
      const params = { organizationId: next.id }
      await navigate({ to: '/o/$organizationId/keys', params, ignoreBlocker: true })
    } else {
      await navigate({ to: '/account', ignoreBlocker: true })
    }
    showToast(sentence)
    queryClient.setQueryData(organizations.queryKey, rest)
    queryClient.removeQueries({ queryKey: ['organization', organizationId] })
    await queryClient.invalidateQueries({ queryKey: organizations.queryKey })
  }
}

/** Asks before the person leaves the organization. */
export function LeaveOrganization({ isOpen, onClose, organization: { id, name } }: EndDialogProps) {
  const farewell = useFarewell(id, 'You have left the organization.')
  return (
    <EndDialog
      isOpen={isOpen}
      onClose={onClose}
      verb="Leave"
      name={name}
      action="Leave"
      end={() => api.organizations.leave(id)}
      onEnded={farewell}
    >
      <p>
        Your access ends at once, and your API keys stop working in this organization. To come back, you need an
        invitation.
      </p>
    </EndDialog>
  )
}

/** Asks before the organization is deleted: its name has to be typed. */
export function DeleteOrganization({
  isOpen,
  onClose,
  organization: { id, name },
  memberCount,
}: EndDialogProps & { readonly memberCount: number }) {
  const summary = useQuery({ ...apiKeySummary(id), enabled: isOpen })
  const farewell = useFarewell(id, 'The organization is deleted.')
  const others = memberCount - 1
  return (
    <EndDialog
      isOpen={isOpen}
      onClose={onClose}
      verb="Delete"
      name={name}
      isNameTyped
      action="Delete organization"
      end={() => api.organizations.delete(id)}
      onEnded={farewell}
    >
      <p>This cannot be undone. At once:</p>
      <ul className="ends">
        <li>
          {summary.data === undefined
            ? 'its API keys stop working'
            : summary.data.active === 1
              ? '1 active API key stops working'
              : `${summary.data.active} active API keys stop working`}
        </li>
        <li>
          {others === 0
            ? 'your access ends'
            : `you and ${others === 1 ? '1 other member' : `${others} other members`} lose access`}
        </li>
        <li>its OAuth apps, roles and pending invitations end</li>
        <li>its sandboxes, snapshots, volumes and registries are deleted</li>
      </ul>
      <p>The audit trail is kept by the operator of the service.</p>
    </EndDialog>
  )
}
