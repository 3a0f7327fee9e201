import type { OauthApp } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { updateOauthApp } from '../../../api/oauth-apps.ts'
import { useOrganizationAccess } from '../../../permissions/use-organization-access.ts'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'
import { draftOf, findDraftProblems, isSameDraft, registrationOf } from '../app-draft.ts'
import { AppFields } from '../app-fields.tsx'
import { ConsentPreview } from '../consent-preview.tsx'

/** Changes an app. Tokens lose scopes that are removed at once. */
export function AppSettings({ app, organizationId }: { readonly app: OauthApp; readonly organizationId: string }) {
  const { held, organizationName } = useOrganizationAccess(organizationId)
  const saved = draftOf(app)
  const [draft, setDraft] = useState(saved)
  const [isChecked, setIsChecked] = useState(false)
  const nameRef = useRef<HTMLInputElement>(null)
  const problems = findDraftProblems(draft)
  const isChanged = !isSameDraft(draft, saved)
  const registration = registrationOf(draft)
  const wanted: readonly string[] = registration.scopes
  const removed = app.scopes.filter((scope) => !wanted.includes(scope))
  const added = wanted.filter((scope) => !app.scopes.includes(scope))
  const saving = useMutation({
    mutationFn: () => updateOauthApp(organizationId, app.clientId, registration),
    onSuccess: (changed) => {
      setDraft(draftOf(changed))
      setIsChecked(false)
      showToast('The app is changed.')
    },
  })
  return (
    <div className="app-form">
      <form
        className="stack wide"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setIsChecked(true)
          if (problems.name) nameRef.current?.focus()
          if (Object.values(problems).every((one) => one === undefined) && !saving.isPending) saving.mutate()
        }}
      >
        <AppFields
          draft={draft}
          onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
          problems={problems}
          isChecked={isChecked}
          allowed={held}
          isNew={false}
          nameRef={nameRef}
        />
        {(added.length > 0 || removed.length > 0) && (
          <Notice tone={removed.length > 0 ? 'warn' : 'neutral'}>
            {removed.length > 0 && (
              <p>Tokens lose {removed.join(', ')} at once. If you add it again, people have to allow it again.</p>
            )}
            {added.length > 0 && (
              <p>The app may ask for {added.join(', ')}. People who use it already are asked at their next sign-in.</p>
            )}
          </Notice>
        )}
        {saving.error && <ErrorNotice error={saving.error} />}
        <div className="dialog-actions">
          <Button type="submit" kind="primary" isBusy={saving.isPending} disabled={!isChanged}>
            Save changes
          </Button>
        </div>
      </form>
      <ConsentPreview draft={draft} organizationName={organizationName} />
      <UnsavedChanges isChanged={isChanged} />
    </div>
  )
}
