import type { OrganizationRole } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { deleteRole } from '../../../api/roles.ts'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { countPeople, type Holder } from '../holders.ts'

/** Asks before a role is deleted, with the people who lose its permissions. */
export function DeleteRoleDialog({
  isOpen,
  onClose,
  role,
  holders,
  organizationId,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly role: OrganizationRole
  readonly holders: readonly Holder[] | undefined
  readonly organizationId: string
}) {
  const navigate = useNavigate()
  const deletion = useMutation({
    mutationFn: () => deleteRole(organizationId, role.id),
    onSuccess: async () => {
      await navigate({ to: '/o/$organizationId/roles', params: { organizationId }, ignoreBlocker: true })
      showToast('The role is deleted.')
    },
  })
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        deletion.reset()
        onClose()
      }}
      title={
        <>
          Delete <bdi>{role.name}</bdi>?
        </>
      }
      action="Delete role"
      onConfirm={() => deletion.mutate()}
      isBusy={deletion.isPending}
      error={deletion.error}
    >
      {holders === undefined ? (
        <p>Members who have it lose its permissions at once, and so do their API keys.</p>
      ) : holders.length === 0 ? (
        <p>No member has this role.</p>
      ) : (
        <>
          <p>
            {countPeople(holders.length)} {holders.length === 1 ? 'loses' : 'lose'} its permissions at once, and so do
            their API keys:
          </p>
          <ul className="holders">
            {holders.map(({ id, name }) => (
              <li key={id}>
                <bdi>{name}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
    </ConfirmDialog>
  )
}
