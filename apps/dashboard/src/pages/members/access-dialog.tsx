import type { OrganizationRole } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { type Access, resendInvitation } from '../../api/invitations.ts'
import { queryClient } from '../../api/query-client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNotice } from '../../ui/states.tsx'
import { showToast } from '../../ui/toasts.tsx'
import { AccessFields } from './access-fields.tsx'
import { accessOf, type MemberRow } from './rows.ts'

/** Changes the access of a member, effective at once, or of an invitation, which is sent again. */
export function AccessDialog({
  row,
  onClose,
  organizationId,
  roles,
  canMakeOwners,
}: {
  readonly row: MemberRow | undefined
  readonly onClose: () => void
  readonly organizationId: string
  readonly roles: readonly OrganizationRole[]
  readonly canMakeOwners: boolean
}) {
  return (
    <Dialog
      isOpen={row !== undefined}
      onClose={onClose}
      title={
        row && (
          <>
            Access of <bdi>{row.name}</bdi>
          </>
        )
      }
    >
      {row && (
        <AccessForm
          key={row.id}
          row={row}
          onClose={onClose}
          organizationId={organizationId}
          roles={roles}
          canMakeOwners={canMakeOwners}
        />
      )}
    </Dialog>
  )
}

function AccessForm({
  row,
  onClose,
  organizationId,
  roles,
  canMakeOwners,
}: {
  readonly row: MemberRow
  readonly onClose: () => void
  readonly organizationId: string
  readonly roles: readonly OrganizationRole[]
  readonly canMakeOwners: boolean
}) {
  const [access, setAccess] = useState<Access>(() => accessOf(row))
  const isInvitation = row.kind === 'invitation'
  const change = useMutation({
    mutationFn: async (): Promise<string> => {
      if (isInvitation) return (await resendInvitation(organizationId, row.id, access)).delivery.message
      await api.organizations.members.setAccess(organizationId, row.id, access)
      return 'The access is changed.'
    },
    onSuccess: async (sentence) => {
      onClose()
      showToast(sentence)
      await queryClient.invalidateQueries({ queryKey: ['organization', organizationId] })
    },
  })
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (!change.isPending) change.mutate()
      }}
    >
      <AccessFields
        value={access}
        onValueChange={setAccess}
        roles={roles}
        groupRoleIds={row.groupRoleIds}
        canMakeOwners={canMakeOwners}
      />
      <p className="hint">
        {isInvitation
          ? 'The invitation is sent again. The link of the previous mail stops working.'
          : 'The change is effective at once. Their API keys never exceed what they may do.'}
      </p>
      {change.error && <ErrorNotice error={change.error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" type="submit" isBusy={change.isPending}>
          {isInvitation ? 'Save and send again' : 'Save'}
        </Button>
      </div>
    </form>
  )
}
