import type { ResourceServer } from '@daytona-auth/sdk'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { updateResourceServer } from '../../../api/resource-servers.ts'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'
import { draftOf, findApiProblems, hasProblems, registrationOf } from '../api-draft.ts'
import { ApiFields } from '../api-fields.tsx'

/** Changes the name and the scopes of an API. Tokens lose scopes that are removed. */
export function ApiSettings({
  server,
  organizationId,
}: {
  readonly server: ResourceServer
  readonly organizationId: string
}) {
  const [draft, setDraft] = useState(() => draftOf(server))
  const [isChecked, setIsChecked] = useState(false)
  const nameRef = useRef<HTMLInputElement>(null)
  const problems = findApiProblems(draft)
  const { name, scopes = [] } = registrationOf(draft)
  const isChanged = name !== server.name || JSON.stringify(scopes) !== JSON.stringify(server.scopes)
  const kept = new Set(scopes.map((scope) => scope.name))
  const removed = server.scopes.filter((scope) => !kept.has(scope.name)).map((scope) => scope.name)
  const saving = useMutation({
    mutationFn: () => updateResourceServer(organizationId, server.id, { name, scopes }),
    onSuccess: (changed) => {
      setDraft(draftOf(changed))
      setIsChecked(false)
      showToast('The API is changed.')
    },
  })
  return (
    <section className="stack" aria-label="Settings">
      <h2>Settings</h2>
      <form
        className="stack wide"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setIsChecked(true)
          if (problems.name) nameRef.current?.focus()
          if (!hasProblems(problems) && !saving.isPending) saving.mutate()
        }}
      >
        <ApiFields
          draft={draft}
          onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
          problems={problems}
          isChecked={isChecked}
          isNew={false}
          firstRef={nameRef}
        />
        {removed.length > 0 && (
          <Notice tone="warn">
            Tokens lose {removed.join(', ')}. Servers that verify tokens offline see it when a token expires.
          </Notice>
        )}
        {saving.error && <ErrorNotice error={saving.error} />}
        <div className="dialog-actions">
          <Button type="submit" kind="primary" isBusy={saving.isPending} disabled={!isChanged}>
            Save changes
          </Button>
        </div>
        <UnsavedChanges isChanged={isChanged} />
      </form>
    </section>
  )
}
