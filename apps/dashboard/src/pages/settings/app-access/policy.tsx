import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type AppAccessPolicy, appAccessPreview, setAppAccess } from '../../../api/app-access.ts'
import { Button } from '../../../ui/button.tsx'
import { ChoiceGroup } from '../../../ui/choice-group.tsx'
import { ConfirmDialog } from '../../../ui/dialog.tsx'
import { NameList } from '../../../ui/name-list.tsx'
import { QueryStates, Skeleton } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'

const POLICIES: Readonly<Record<AppAccessPolicy, { readonly label: string; readonly effect: string }>> = {
  any: { label: 'Every app', effect: 'Members may use every app that is not blocked.' },
  verified_domains: {
    label: 'Apps of verified domains',
    effect:
      'Members may use approved apps, and those of organizations that verified the domain of every redirect URI and of the homepage.',
  },
  by_approval: { label: 'Approved apps only', effect: 'Members may use approved apps only.' },
}
// The keys of the record are exactly the policies.
const CHOICES = (Object.keys(POLICIES) as AppAccessPolicy[]).map((value) => ({ value, label: POLICIES[value].label }))

/** Which third-party apps need no decision. Only an owner changes it, after a preview of what loses access. */
export function Policy({
  organizationId,
  policy,
  isOwner,
}: {
  readonly organizationId: string
  readonly policy: AppAccessPolicy
  readonly isOwner: boolean
}) {
  const [chosen, setChosen] = useState(policy)
  const [isAsking, setIsAsking] = useState(false)
  const isChanged = chosen !== policy
  return (
    <section className="card padded stack" aria-label="Policy">
      <h2>Policy</h2>
      <p className="soft">
        Which third-party apps members may use in the organization. Your own apps and those of the operator are not
        restricted.
      </p>
      {isOwner ? (
        <form
          className="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (isChanged) setIsAsking(true)
          }}
        >
          <ChoiceGroup
            label="Allowed without a decision"
            value={chosen}
            choices={CHOICES}
            onValueChange={setChosen}
            hint={POLICIES[chosen].effect}
          />
          <div className="dialog-actions">
            <Button type="submit" kind="primary" disabled={!isChanged}>
              Change policy
            </Button>
          </div>
          <UnsavedChanges isChanged={isChanged} />
        </form>
      ) : (
        <>
          <p>
            <strong>{POLICIES[policy].label}</strong>: {POLICIES[policy].effect}
          </p>
          <p className="soft">Only an owner can change the policy.</p>
        </>
      )}
      {isOwner && (
        <PolicyDialog
          isOpen={isAsking}
          onClose={() => setIsAsking(false)}
          organizationId={organizationId}
          policy={chosen}
        />
      )}
    </section>
  )
}

function PolicyDialog({
  isOpen,
  onClose,
  organizationId,
  policy,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly organizationId: string
  readonly policy: AppAccessPolicy
}) {
  const preview = useQuery({ ...appAccessPreview(organizationId, policy), enabled: isOpen })
  const changing = useMutation({
    mutationFn: () => setAppAccess(organizationId, policy),
    onSuccess: () => {
      onClose()
      showToast('The policy is changed.')
    },
  })
  const isEnding = (preview.data?.appCount ?? 0) > 0
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        changing.reset()
        onClose()
      }}
      title={`Change the policy to “${POLICIES[policy].label}”?`}
      action="Change policy"
      onConfirm={() => changing.mutate()}
      isBusy={changing.isPending}
      isBlocked={preview.data === undefined || preview.isFetching}
      isDangerous={isEnding}
      error={changing.error}
    >
      <p>{POLICIES[policy].effect}</p>
      <QueryStates query={preview} loading={<Skeleton height="1.5rem" />}>
        {({ appCount, memberCount, apps }) =>
          appCount === 0 ? (
            <p>No app that members use loses access.</p>
          ) : (
            <>
              <p>
                {appCount === 1 ? '1 app loses' : `${appCount} apps lose`} access at once, with the API keys that were
                created with {appCount === 1 ? 'it' : 'them'}.{' '}
                {memberCount === 1 ? '1 member uses' : `${memberCount} members use`} {appCount === 1 ? 'it' : 'them'}.
                Approve first what should keep it.
              </p>
              <NameList
                items={apps.map(({ clientId, name, members }) => ({
                  id: clientId,
                  name,
                  note: (
                    <span className="soft">
                      {members === 1 ? '1 member' : `${members} members`}, <code>{clientId}</code>
                    </span>
                  ),
                }))}
                count={appCount}
              />
            </>
          )
        }
      </QueryStates>
    </ConfirmDialog>
  )
}
