import type { OrganizationRole } from '@daytona-auth/sdk'
import { useNavigate } from '@tanstack/react-router'
import { deleteRole } from '../../../api/roles.ts'
import { EndDialog } from '../../../ui/end-dialog.tsx'
import { NameList } from '../../../ui/name-list.tsx'
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
  return (
    <EndDialog
      isOpen={isOpen}
      onClose={onClose}
      verb="Delete"
      name={role.name}
      action="Delete role"
      end={() => deleteRole(organizationId, role.id)}
      onEnded={async () => {
        await navigate({ to: '/o/$organizationId/roles', params: { organizationId }, ignoreBlocker: true })
        showToast('The role is deleted.')
      }}
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
          <NameList items={holders} />
        </>
      )}
    </EndDialog>
  )
}
