import { normalizeName } from '@daytona-auth/protocol/names'
import type { User } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { me } from '../../api/organizations.ts'
import { queryClient } from '../../api/query-client.ts'
import { issuer } from '../../session/user-manager.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { TextField } from '../../ui/field.tsx'
import { ErrorNotice, Notice, QueryStates, Skeleton } from '../../ui/states.tsx'
import { formatDay } from '../../ui/time.ts'
import { showToast } from '../../ui/toasts.tsx'
import { UnsavedChanges } from '../../ui/unsaved-changes.tsx'

/** Name and address. */
export function Profile() {
  const query = useQuery(me)
  return (
    <QueryStates query={query} loading={<Skeleton height="16rem" />}>
      {(user) => (
        <>
          <Address user={user} />
          <NameForm user={user} />
        </>
      )}
    </QueryStates>
  )
}

function NameForm({ user }: { readonly user: User }) {
  const saved = user.name ?? ''
  const [name, setName] = useState(saved)
  const normalized = normalizeName(name)
  const renaming = useMutation({
    mutationFn: () => api.users.updateMe({ name: normalized }),
    onSuccess: async (changed) => {
      queryClient.setQueryData(me.queryKey, changed)
      showToast('Your name is changed.')
      // Lists of members have it as well.
      await queryClient.invalidateQueries({ queryKey: ['organization'] })
    },
  })
  return (
    <form
      className="card padded stack account-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (normalized !== '' && normalized !== saved && !renaming.isPending) renaming.mutate()
      }}
    >
      <TextField
        label="Name"
        hint="Members of your organizations see it."
        value={name}
        onValueChange={setName}
        maxLength={128}
        autoComplete="name"
        dir="auto"
        required
        problem={normalized === '' && 'Enter a name.'}
      />
      {renaming.error && <ErrorNotice error={renaming.error} />}
      <div className="dialog-actions">
        <Button
          type="submit"
          kind="primary"
          isBusy={renaming.isPending}
          disabled={normalized === '' || normalized === saved}
        >
          Save name
        </Button>
      </div>
      <UnsavedChanges isChanged={normalized !== saved} />
    </form>
  )
}

function Address({ user }: { readonly user: User }) {
  const verification = useMutation({ mutationFn: () => api.users.requestEmailVerification() })
  return (
    <>
      <section className="card padded stack" aria-label="Address">
        <dl className="facts">
          <dt>E-mail address</dt>
          <dd className="row">
            <bdi>{user.email}</bdi>
            {user.emailVerified ? <Chip tone="good">Confirmed</Chip> : <Chip tone="warn">Not confirmed</Chip>}
          </dd>
          <dt>Member since</dt>
          <dd>{formatDay(new Date(user.createdAt))}</dd>
          <dt>Id</dt>
          <dd>
            <code>{user.id}</code>
          </dd>
        </dl>
        <p>
          <a href={`${issuer}/oauth/account/password`}>Password and account</a>
        </p>
      </section>
      {user.emailVerified === false && (
        <Notice tone="warn">
          <p>
            Confirm your address to accept invitations and to invite people. Open the link in the mail that we send you.
          </p>
          <p>
            <Button isBusy={verification.isPending} onClick={() => verification.mutate()}>
              Send the mail again
            </Button>
          </p>
          {verification.data && <p role="status">{verification.data.message}</p>}
        </Notice>
      )}
      {verification.error && <ErrorNotice error={verification.error} />}
    </>
  )
}
