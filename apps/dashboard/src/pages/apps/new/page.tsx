import type { CreatedOauthApp } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { createOauthApp } from '../../../api/oauth-apps.ts'
import { useOrganizationAccess } from '../../../permissions/use-organization-access.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Page } from '../../../ui/page.tsx'
import { ErrorNotice, NoPermission } from '../../../ui/states.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'
import { EMPTY_DRAFT, findDraftProblems, isSameDraft, registrationOf } from '../app-draft.ts'
import { AppFields } from '../app-fields.tsx'
import { ConsentPreview } from '../consent-preview.tsx'
import { IssuedSecret } from '../issued-secret.tsx'

const route = getRouteApi('/o/$organizationId/apps/new')

/** Registers an OAuth app, and shows its secret, if it has one, and ready code. */
export function NewAppPage() {
  const { organizationId } = route.useParams()
  const { held, organizationName, isForbidden } = useOrganizationAccess(organizationId)
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const [isChecked, setIsChecked] = useState(false)
  const nameRef = useRef<HTMLInputElement>(null)
  const creation = useMutation({
    mutationFn: (): Promise<CreatedOauthApp> => createOauthApp(organizationId, registrationOf(draft)),
    // The secret is in the state of this page, and nowhere else.
    gcTime: 0,
  })
  if (creation.data) {
    return (
      <IssuedSecret
        title="Your app"
        app={creation.data}
        organizationId={organizationId}
        onDone={() => {
          setDraft(EMPTY_DRAFT)
          creation.reset()
        }}
      />
    )
  }
  const problems = findDraftProblems(draft)
  return (
    <Page
      title="Create an OAuth app"
      back={(className, icon) => (
        <Link to="/o/$organizationId/apps" params={{ organizationId }} className={className}>
          {icon}OAuth apps
        </Link>
      )}
    >
      {isForbidden ? (
        <NoPermission permission="admin:organization" action="create OAuth apps" />
      ) : (
        <div className="app-form">
          <form
            className="stack wide"
            noValidate
            onSubmit={(event) => {
              event.preventDefault()
              setIsChecked(true)
              if (problems.name) nameRef.current?.focus()
              if (Object.values(problems).every((one) => one === undefined) && !creation.isPending) creation.mutate()
            }}
          >
            <AppFields
              draft={draft}
              onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
              problems={problems}
              isChecked={isChecked}
              allowed={held}
              isNew
              nameRef={nameRef}
            />
            {creation.error && <ErrorNotice error={creation.error} />}
            <div className="dialog-actions">
              <Link to="/o/$organizationId/apps" params={{ organizationId }} className={buttonClass()}>
                Cancel
              </Link>
              <Button type="submit" kind="primary" isBusy={creation.isPending}>
                Create app
              </Button>
            </div>
          </form>
          <ConsentPreview draft={draft} organizationName={organizationName} />
          <UnsavedChanges isChanged={!isSameDraft(draft, EMPTY_DRAFT)} />
        </div>
      )}
    </Page>
  )
}
