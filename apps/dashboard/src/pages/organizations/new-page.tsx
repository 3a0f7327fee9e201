import { normalizeName } from '@daytona-auth/protocol/names'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { organizations } from '../../api/organizations.ts'
import { queryClient } from '../../api/query-client.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Page } from '../../ui/page.tsx'
import { ErrorNotice } from '../../ui/states.tsx'
import { showToast } from '../../ui/toasts.tsx'

/** Creates an organization, which the person owns, and leads to the page that invites others. */
export function NewOrganizationPage() {
  const [name, setName] = useState('')
  const [isChecked, setIsChecked] = useState(false)
  const navigate = useNavigate()
  const normalized = normalizeName(name)
  const creation = useMutation({
    mutationFn: () => api.organizations.create({ name: normalized }),
    onSuccess: async ({ id }) => {
      // The page of the organization is "not found" until the list has it.
      await queryClient.invalidateQueries({ queryKey: organizations.queryKey })
      await navigate({ to: '/o/$organizationId/members', params: { organizationId: id } })
      showToast('The organization is created.')
    },
  })
  return (
    <Page title="Create an organization" lead="You own it, and you can invite others." isNarrow>
      <form
        className="card padded stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setIsChecked(true)
          if (normalized !== '' && !creation.isPending) creation.mutate()
        }}
      >
        <TextField
          label="Name"
          hint="Its members see it, and people who are invited. It can be changed."
          value={name}
          onValueChange={setName}
          maxLength={128}
          autoComplete="organization"
          dir="auto"
          required
          problem={isChecked && normalized === '' && 'Enter a name.'}
        />
        {creation.error && <ErrorNotice error={creation.error} />}
        <div className="dialog-actions">
          <Button type="submit" kind="primary" isBusy={creation.isPending}>
            Create organization
          </Button>
        </div>
      </form>
    </Page>
  )
}
