import type { OrganizationRole } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { type Access, invite, sentInvitations } from '../../api/invitations.ts'
import { queryClient } from '../../api/query-client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { describeError, Notice } from '../../ui/states.tsx'
import { showToast } from '../../ui/toasts.tsx'
import { AccessFields } from './access-fields.tsx'
import { findAddressProblem, parseAddresses } from './addresses.ts'

interface Outcome {
  readonly address: string
  readonly kind: 'sent' | 'unmailed' | 'failed'
  readonly sentence: string
}

const NOTHING: Access = { role: 'member', assignedRoleIds: [] }

/** Invites several people with the same access. Addresses that failed stay, with the reason beside each. */
export function InviteDialog({
  isOpen,
  onClose,
  organizationId,
  roles,
  canMakeOwners,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly organizationId: string
  readonly roles: readonly OrganizationRole[]
  readonly canMakeOwners: boolean
}) {
  const [text, setText] = useState('')
  const [access, setAccess] = useState(NOTHING)
  const [problem, setProblem] = useState<string>()
  const sending = useMutation({
    mutationFn: async (addresses: readonly string[]): Promise<Outcome[]> => {
      const outcomes: Outcome[] = []
      // One after the other: a failure of one does not keep the others from being invited.
      for (const address of addresses) outcomes.push(await inviteOne(organizationId, address, access))
      return outcomes
    },
    onSuccess: async (outcomes) => {
      const failed = outcomes.filter(({ kind }) => kind === 'failed')
      setText(failed.map(({ address }) => address).join('\n'))
      if (outcomes.every(({ kind }) => kind === 'sent')) {
        setAccess(NOTHING)
        onClose()
        sending.reset()
        showToast(outcomes.length === 1 ? 'The invitation is sent.' : `${outcomes.length} invitations are sent.`)
      }
      await queryClient.invalidateQueries({ queryKey: sentInvitations(organizationId).queryKey })
    },
  })
  const notes = sending.data?.filter(({ kind }) => kind !== 'sent') ?? []
  const addresses = parseAddresses(text)
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Invite people">
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          const found = findAddressProblem(addresses)
          setProblem(found)
          if (found === undefined && !sending.isPending) sending.mutate(addresses)
        }}
      >
        <TextField
          label="E-mail addresses"
          value={text}
          onValueChange={(next) => {
            setText(next)
            setProblem(undefined)
          }}
          hint="One a line, or separated by commas."
          problem={problem}
          render={<textarea rows={3} />}
          autoComplete="off"
          spellCheck={false}
        />
        <AccessFields value={access} onValueChange={setAccess} roles={roles} canMakeOwners={canMakeOwners} />
        {notes.length > 0 && (
          <Notice tone={notes.some(({ kind }) => kind === 'failed') ? 'bad' : 'warn'}>
            <ul className="invite-notes">
              {notes.map(({ address, sentence }) => (
                <li key={address}>
                  <bdi>{address}</bdi>: {sentence}
                </li>
              ))}
            </ul>
          </Notice>
        )}
        <div className="dialog-actions">
          <Button onClick={onClose}>{notes.length > 0 ? 'Close' : 'Cancel'}</Button>
          <Button kind="primary" type="submit" isBusy={sending.isPending}>
            {addresses.length > 1 ? `Send ${addresses.length} invitations` : 'Send invitation'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

async function inviteOne(organizationId: string, address: string, access: Access): Promise<Outcome> {
  try {
    const { delivery } = await invite(organizationId, address, access)
    return { address, kind: delivery.status === 'sent' ? 'sent' : 'unmailed', sentence: delivery.message }
  } catch (error) {
    const { sentence, details, requestId } = describeError(error)
    const reason = details.length > 0 ? details.map(({ message }) => message).join(', ') : sentence
    return { address, kind: 'failed', sentence: requestId === undefined ? reason : `${reason} (request ${requestId})` }
  }
}
