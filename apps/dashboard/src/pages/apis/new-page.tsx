import { DaytonaAuthError } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { createResourceServer } from '../../api/resource-servers.ts'
import { useOrganizationAccess } from '../../permissions/use-organization-access.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { ErrorNotice, NoPermission } from '../../ui/states.tsx'
import { showToast } from '../../ui/toasts.tsx'
import { UnsavedChanges } from '../../ui/unsaved-changes.tsx'
import { emptyDraft, findApiProblems, hasProblems, registrationOf } from './api-draft.ts'
import { ApiFields } from './api-fields.tsx'

const route = getRouteApi('/o/$organizationId/apis/new')

/** Registers an API with its own audience. */
export function NewApiPage() {
  const { organizationId } = route.useParams()
  const { isForbidden } = useOrganizationAccess(organizationId)
  const [draft, setDraft] = useState(emptyDraft)
  const [isChecked, setIsChecked] = useState(false)
  const nameRef = useRef<HTMLInputElement>(null)
  const navigate = useNavigate()
  const problems = findApiProblems(draft)
  const creation = useMutation({
    mutationFn: () => createResourceServer(organizationId, registrationOf(draft)),
    onSuccess: async ({ id }) => {
      showToast('The API is registered.')
      const params = { organizationId, apiId: id }
      await navigate({ to: '/o/$organizationId/apis/$apiId', params, ignoreBlocker: true })
    },
  })
  const isTaken = creation.error instanceof DaytonaAuthError && creation.error.statusCode === 409
  const isTouched =
    draft.name !== '' || draft.identifier !== '' || registrationOf(draft).scopes?.length !== 0 || creation.isPending
  return (
    <Page
      title="Register an API"
      isNarrow
      back={(className, icon) => (
        <Link to="/o/$organizationId/apis" params={{ organizationId }} className={className}>
          {icon}APIs
        </Link>
      )}
    >
      {isForbidden ? (
        <NoPermission permission="admin:organization" action="manage its APIs" />
      ) : (
        <form
          className="stack wide"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            setIsChecked(true)
            if (problems.name) nameRef.current?.focus()
            if (!hasProblems(problems) && !creation.isPending) creation.mutate()
          }}
        >
          <ApiFields
            draft={draft}
            onChange={(change) => {
              setDraft((before) => ({ ...before, ...change }))
              if (isTaken) creation.reset()
            }}
            problems={problems}
            isChecked={isChecked}
            isNew
            isIdentifierTaken={isTaken}
            firstRef={nameRef}
          />
          {creation.error && !isTaken && <ErrorNotice error={creation.error} />}
          <div className="dialog-actions">
            <Link to="/o/$organizationId/apis" params={{ organizationId }} className={buttonClass()}>
              Cancel
            </Link>
            <Button type="submit" kind="primary" isBusy={creation.isPending}>
              Register API
            </Button>
          </div>
          <UnsavedChanges isChanged={isTouched && !creation.isSuccess} />
        </form>
      )}
    </Page>
  )
}
