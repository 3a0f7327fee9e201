import { useMutation } from '@tanstack/react-query'
import { Ellipsis, Link2, Send, SlidersHorizontal, Trash2 } from 'lucide-react'
import { resendInvitation, sentInvitations } from '../../api/invitations.ts'
import { queryClient } from '../../api/query-client.ts'
import { issuer } from '../../session/user-manager.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { describeError } from '../../ui/states.tsx'
import { showToast } from '../../ui/toasts.tsx'
import { accessOf, type MemberRow } from './rows.ts'
import type { OpenDialog } from './search.ts'

/** What can be done with a member or an invitation. */
export function RowMenu({
  row,
  organizationId,
  isOwn,
  onOpen,
}: {
  readonly row: MemberRow
  readonly organizationId: string
  readonly isOwn: boolean
  readonly onOpen: (dialog: OpenDialog, id: string) => void
}) {
  const resending = useMutation({
    mutationFn: () => resendInvitation(organizationId, row.id, accessOf(row)),
    onSuccess: async ({ delivery }) => {
      showToast(delivery.message)
      await queryClient.invalidateQueries({ queryKey: sentInvitations(organizationId).queryKey })
    },
    onError: (error) => {
      const { sentence, requestId } = describeError(error)
      showToast(requestId === undefined ? sentence : `${sentence} (request ${requestId})`)
    },
  })
  const isInvitation = row.kind === 'invitation'
  return (
    <Menu
      trigger={
        <Button kind="plain" isIconOnly aria-label={`Actions for ${row.name}`} isBusy={resending.isPending}>
          <Ellipsis className="icon" aria-hidden="true" />
        </Button>
      }
    >
      {isInvitation && (
        <>
          <MenuItem onSelect={() => resending.mutate()}>
            <Send className="icon" aria-hidden="true" />
            Send again
          </MenuItem>
          <MenuItem onSelect={() => void copyLink(row.email)}>
            <Link2 className="icon" aria-hidden="true" />
            Copy link
          </MenuItem>
        </>
      )}
      <MenuItem onSelect={() => onOpen('access', row.id)}>
        <SlidersHorizontal className="icon" aria-hidden="true" />
        Change access…
      </MenuItem>
      {!isOwn && (
        <MenuItem isDangerous onSelect={() => onOpen(isInvitation ? 'cancel' : 'remove', row.id)}>
          <Trash2 className="icon" aria-hidden="true" />
          {isInvitation ? 'Cancel invitation…' : 'Remove…'}
        </MenuItem>
      )}
    </Menu>
  )
}

/**
 * Copies the address where the invited person accepts, once signed in with a confirmed address. Not the mailed link: only
 * the mailbox has that, because it confirms the address.
 */
async function copyLink(email: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(`${issuer}/dashboard`)
    showToast(`The link is copied. The invitation is shown there to ${email}, after a sign-in.`)
  } catch {
    showToast(`The browser refused to copy. The link is ${issuer}/dashboard`)
  }
}
