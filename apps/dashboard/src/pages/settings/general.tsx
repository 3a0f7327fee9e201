import { normalizeName } from '@daytona-auth/protocol/names'
import type { Organization } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { organizations } from '../../api/organizations.ts'
import { queryClient } from '../../api/query-client.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { TextField } from '../../ui/field.tsx'
import { ErrorNotice, Notice, Skeleton } from '../../ui/states.tsx'
import { formatDay } from '../../ui/time.ts'
import { showToast } from '../../ui/toasts.tsx'
import { UnsavedChanges } from '../../ui/unsaved-changes.tsx'
import type { OpenDialog } from './search.ts'

/** The organization's facts, its name, and its end. */
export function General({
  organization,
  isAdministrator,
  isOwner,
  isPending,
  isKnown,
  onOpen,
}: {
  readonly organization: Organization
  readonly isAdministrator: boolean
  readonly isOwner: boolean
  /** Whether the person's access is being read: what depends on it, and what is below that, is shown at once afterwards. */
  readonly isPending: boolean
  /** Whether the person's access has been read. Otherwise reading it failed. */
  readonly isKnown: boolean
  readonly onOpen: (dialog: OpenDialog) => void
}) {
  const { id, createdAt, personal } = organization
  return (
    <>
      <section className="card padded" aria-label="Facts">
        <dl className="facts">
          <dt>Kind</dt>
          <dd>{personal ? 'Personal: it is yours alone' : 'Shared'}</dd>
          <dt>Created</dt>
          <dd>{formatDay(new Date(createdAt))}</dd>
          <dt>Id</dt>
          <dd className="row">
            <code>{id}</code>
            <CopyButton text={id} label="Copy id" kind="plain" isIconOnly />
          </dd>
        </dl>
      </section>
      {isPending && <Skeleton height="30rem" />}
      {isAdministrator && <NameForm organization={organization} />}
      {!isPending && (isOwner || organization.requireSecondFactor) && (
        <SecondFactor organization={organization} isOwner={isOwner} />
      )}
      {isKnown && !isAdministrator && (
        <Notice>
          You need <code>admin:organization</code> to rename the organization. Ask an owner for it.
        </Notice>
      )}
      {!isPending && personal && <Notice>A personal organization cannot be left or deleted.</Notice>}
      {!isPending && !personal && (
        <section className="card" aria-label="Leave or delete">
          <div className="danger-card">
            <div>
              <h2>Leave</h2>
              <p className="soft">Your access ends at once. To come back, you need an invitation.</p>
            </div>
            <Button onClick={() => onOpen('leave')}>Leave organization</Button>
          </div>
          <div className="danger-card">
            <div>
              <h2>Delete</h2>
              <p className="soft">
                {isOwner || !isKnown
                  ? 'Everything in it ends, for everybody.'
                  : 'Only an owner can delete the organization.'}
              </p>
            </div>
            <Button kind={isOwner ? 'danger' : 'normal'} disabled={!isOwner} onClick={() => onOpen('delete')}>
              Delete organization
            </Button>
          </div>
        </section>
      )}
    </>
  )
}

/** Whether members need a second factor. Only an owner changes it. */
function SecondFactor({
  organization: { id, requireSecondFactor },
  isOwner,
}: {
  readonly organization: Organization
  readonly isOwner: boolean
}) {
  const change = useMutation({
    mutationFn: () => api.organizations.update(id, { requireSecondFactor: !requireSecondFactor }),
    onSuccess: async (changed) => {
      queryClient.setQueryData(organizations.queryKey, (all) => all?.map((one) => (one.id === id ? changed : one)))
      showToast(
        changed.requireSecondFactor ? 'Members need a second factor now.' : 'Members no longer need a second factor.',
      )
      await queryClient.invalidateQueries({ queryKey: organizations.queryKey })
    },
  })
  return (
    <section className="card" aria-label="Second factor">
      <div className="danger-card">
        <div>
          <h2>Second factor</h2>
          <p className="soft">
            {requireSecondFactor
              ? 'Members have to sign in with a second factor. API keys are not affected.'
              : 'Members may sign in with their password alone. If you require a second factor, those without one lose access until they set one up. API keys are not affected.'}
          </p>
          {change.error && <ErrorNotice error={change.error} />}
        </div>
        {isOwner && (
          <Button isBusy={change.isPending} onClick={() => change.mutate()}>
            {requireSecondFactor ? 'No longer require it' : 'Require a second factor'}
          </Button>
        )}
      </div>
    </section>
  )
}

function NameForm({ organization }: { readonly organization: Organization }) {
  const [name, setName] = useState(organization.name)
  const normalized = normalizeName(name)
  const isChanged = normalized !== organization.name
  const renaming = useMutation({
    mutationFn: () => api.organizations.update(organization.id, { name: normalized }),
    onSuccess: async (changed) => {
      queryClient.setQueryData(organizations.queryKey, (all) =>
        all?.map((one) => (one.id === changed.id ? changed : one)),
      )
      showToast('The organization is renamed.')
      await queryClient.invalidateQueries({ queryKey: organizations.queryKey })
    },
  })
  return (
    <form
      className="card padded stack settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (normalized !== '' && isChanged && !renaming.isPending) renaming.mutate()
      }}
    >
      <TextField
        label="Name"
        hint="Its members see it, and people who are invited."
        value={name}
        onValueChange={setName}
        maxLength={128}
        autoComplete="off"
        dir="auto"
        required
        problem={normalized === '' && 'Enter a name.'}
      />
      {renaming.error && <ErrorNotice error={renaming.error} />}
      <div className="dialog-actions">
        <Button type="submit" kind="primary" isBusy={renaming.isPending} disabled={normalized === '' || !isChanged}>
          Rename
        </Button>
      </div>
      <UnsavedChanges isChanged={isChanged} />
    </form>
  )
}
