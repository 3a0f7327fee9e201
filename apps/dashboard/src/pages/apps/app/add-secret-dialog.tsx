import { normalizeName } from '@daytona-auth/protocol/names'
import type { CreatedOauthAppSecret, OauthApp } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { createOauthAppSecret } from '../../../api/oauth-apps.ts'
import { ChoiceGroup } from '../../../ui/choice-group.tsx'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { type ExpiryChoice, expiryOf } from '../../../ui/expiry.ts'
import { TextField } from '../../../ui/field.tsx'
import { formatDay } from '../../../ui/time.ts'

const CHOICES = [
  { value: 'none', label: 'Never' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
] as const satisfies readonly { readonly value: ExpiryChoice; readonly label: string }[]

type Choice = (typeof CHOICES)[number]['value']

/** Adds a named secret to an app, beside the present one. */
export function AddSecretDialog({
  isOpen,
  onClose,
  app,
  organizationId,
  onCreated,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly app: OauthApp
  readonly organizationId: string
  readonly onCreated: (created: CreatedOauthAppSecret) => void
}) {
  const [name, setName] = useState('')
  const [choice, setChoice] = useState<Choice>('none')
  const normalized = normalizeName(name)
  const creation = useMutation({
    mutationFn: () => {
      const expiresAt = expiryOf(choice, '', Date.now())?.toISOString() ?? null
      return createOauthAppSecret(organizationId, app.clientId, { name: normalized, expiresAt })
    },
    onSuccess: (created) => {
      onCreated(created)
      // The secret is in the state of the page, and nowhere else.
      creation.reset()
    },
    gcTime: 0,
  })
  const end = expiryOf(choice, '', Date.now())
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        creation.reset()
        onClose()
      }}
      title={
        <>
          Add a secret to <bdi>{app.name}</bdi>
        </>
      }
      action="Create secret"
      isDangerous={false}
      isBlocked={normalized === ''}
      onConfirm={() => creation.mutate()}
      isBusy={creation.isPending}
      error={creation.error}
    >
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (normalized !== '' && !creation.isPending) creation.mutate()
        }}
      >
        <TextField
          label="Name"
          hint="Where it is stored, for example: production."
          value={name}
          onValueChange={setName}
          maxLength={128}
          autoComplete="off"
          dir="auto"
          required
        />
        <ChoiceGroup
          label="It expires"
          value={choice}
          choices={CHOICES}
          onValueChange={setChoice}
          hint={end ? `On ${formatDay(end)}.` : 'It is valid until you delete it.'}
        />
      </form>
    </ConfirmDialog>
  )
}
