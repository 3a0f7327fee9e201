import type { OrganizationRole, OrganizationUser, Provisioning } from '@daytona-auth/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { roles } from '../../../api/organizations.ts'
import { provisioning, setProvisioning } from '../../../api/single-sign-on.ts'
import { Button } from '../../../ui/button.tsx'
import { TextField } from '../../../ui/field.tsx'
import { MultiSelect } from '../../../ui/multi-select.tsx'
import { type Option, Select } from '../../../ui/select.tsx'
import { ErrorNotice, Notice, QueryStates, Skeleton } from '../../../ui/states.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { UnsavedChanges } from '../../../ui/unsaved-changes.tsx'
import {
  contentOf,
  draftOf,
  emptyGroup,
  type GroupDraft,
  type ProvisioningDraft,
  problemsOf,
} from './provisioning-draft.ts'

interface ProvisioningProps {
  readonly organizationId: string
  readonly isOwner: boolean
  readonly people: readonly OrganizationUser[]
}

/** What a sign-in with the identity provider gives: membership, and the roles of groups. */
export function MemberProvisioning({ organizationId, isOwner, people }: ProvisioningProps) {
  const stored = useQuery(provisioning(organizationId))
  const all = useQuery(roles(organizationId))
  return (
    <section className="card padded stack" aria-label="Members and roles">
      <h2>Members and roles</h2>
      <p className="soft">What people get when they sign in with the identity provider.</p>
      <QueryStates query={stored} loading={<Skeleton height="12rem" />}>
        {(found) => (
          <QueryStates query={all} loading={<Skeleton height="12rem" />}>
            {(list) =>
              found &&
              (isOwner ? (
                <ProvisioningForm
                  key={JSON.stringify(found)}
                  organizationId={organizationId}
                  stored={found}
                  roles={list}
                  people={people}
                />
              ) : (
                <ProvisioningFacts stored={found} roles={list} />
              ))
            }
          </QueryStates>
        )}
      </QueryStates>
    </section>
  )
}

type Stored = { readonly stored: Provisioning; readonly roles: readonly OrganizationRole[] }

function ProvisioningFacts({ stored, roles: all }: Stored) {
  const namesOf = (ids: readonly string[]): string =>
    ids.map((id) => all.find((role) => role.id === id)?.name ?? id).join(', ')
  const { newMemberRoleIds, groupsClaim, groupRoles } = stored
  return (
    <dl className="facts">
      <dt>New people</dt>
      <dd>
        {newMemberRoleIds === null
          ? 'need an invitation'
          : `become members ${newMemberRoleIds.length === 0 ? 'without roles' : `as ${namesOf(newMemberRoleIds)}`}`}
      </dd>
      <dt>Groups claim</dt>
      <dd>{groupsClaim === null ? 'none' : <code>{groupsClaim}</code>}</dd>
      {groupRoles.map(({ group, roleIds }) => [
        <dt key={`${group} name`}>
          <bdi>{group}</bdi>
        </dt>,
        <dd key={group}>{namesOf(roleIds)}</dd>,
      ])}
    </dl>
  )
}

const ENTRIES: readonly Option<'invitation' | 'join'>[] = [
  { value: 'invitation', label: 'Need an invitation' },
  { value: 'join', label: 'Become members' },
]

const MAX_GROUPS = 50

function ProvisioningForm({
  organizationId,
  stored,
  roles: all,
  people,
}: Stored & Pick<ProvisioningProps, 'organizationId' | 'people'>) {
  const [draft, setDraft] = useState(() => draftOf(stored))
  const [isChecked, setIsChecked] = useState(false)
  const set = (change: Partial<ProvisioningDraft>): void => setDraft((before) => ({ ...before, ...change }))
  const content = contentOf(draft)
  const problems = problemsOf(draft)
  const isChanged = JSON.stringify(content) !== JSON.stringify(stored)
  // The API refuses them: who controls the provider would control the organization.
  const options = all
    .filter(({ permissions }) => !permissions.includes('admin:organization'))
    .map(({ id, name }) => ({ value: id, label: name }))
  const given = new Set(content.groupRoles.flatMap(({ roleIds }) => roleIds))
  const losing = people.filter(({ groupRoleIds }) => groupRoleIds.some((id) => !given.has(id))).length
  const saving = useMutation({
    mutationFn: () => setProvisioning(organizationId, content),
    onSuccess: () => showToast('Members and roles are saved.'),
  })
  return (
    <form
      className="stack settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setIsChecked(true)
        if (!problems.has && !saving.isPending) saving.mutate()
      }}
    >
      <Select
        label="New people"
        hint={
          draft.isJoining
            ? 'Who signs in with an address of your domains becomes a member. Those who were removed, or left, need an invitation.'
            : 'They sign in, and become members once they accept an invitation.'
        }
        value={draft.isJoining ? 'join' : 'invitation'}
        options={ENTRIES}
        onValueChange={(entry) => set({ isJoining: entry === 'join' })}
      />
      {draft.isJoining && (
        <MultiSelect
          label="Roles of new members"
          placeholder="No roles"
          options={options}
          values={draft.newMemberRoleIds}
          onValuesChange={(newMemberRoleIds) => set({ newMemberRoleIds })}
        />
      )}
      <TextField
        label="Groups claim"
        hint="The claim with the groups of a person, such as groups. Leave it empty if groups give no roles."
        value={draft.groupsClaim}
        onValueChange={(groupsClaim) => set({ groupsClaim })}
        maxLength={256}
        className="mono"
        autoComplete="off"
        spellCheck={false}
      />
      {draft.groupsClaim.trim() !== '' && (
        <Groups
          groups={draft.groups}
          options={options}
          problems={isChecked ? problems.groups : NO_PROBLEMS}
          onChange={(groups) => set({ groups })}
        />
      )}
      {losing > 0 && (
        <Notice tone="warn">
          {losing === 1 ? '1 member loses a role' : `${losing} members lose a role`} that no group gives any more, at
          once.
        </Notice>
      )}
      {saving.error && <ErrorNotice error={saving.error} />}
      <div className="dialog-actions">
        <Button type="submit" kind="primary" isBusy={saving.isPending} disabled={!isChanged}>
          Save members and roles
        </Button>
      </div>
      <UnsavedChanges isChanged={isChanged} />
    </form>
  )
}

const NO_PROBLEMS: ReadonlyMap<number, string> = new Map()

/** The groups that give roles. */
function Groups({
  groups,
  options,
  problems,
  onChange,
}: {
  readonly groups: readonly GroupDraft[]
  readonly options: readonly Option<string>[]
  /** By the key of the group. */
  readonly problems: ReadonlyMap<number, string>
  readonly onChange: (groups: readonly GroupDraft[]) => void
}) {
  const change = (key: number, values: Partial<GroupDraft>): void =>
    onChange(groups.map((one) => (one.key === key ? { ...one, ...values } : one)))
  return (
    <fieldset className="fieldset">
      <legend className="field-label">Roles of groups</legend>
      <p className="hint">
        Given and withdrawn at each sign-in. Roles that you assigned by hand stay. Write the group exactly as in the
        claim.
      </p>
      {groups.length > 0 && (
        <ul className="group-rows">
          {groups.map(({ key, group, roleIds }, index) => (
            <li key={key} className="group-row">
              <TextField
                label={`Group ${index + 1}`}
                value={group}
                onValueChange={(next) => change(key, { group: next })}
                maxLength={256}
                autoComplete="off"
                spellCheck={false}
                dir="auto"
                problem={problems.get(key)}
              />
              <MultiSelect
                label={`Roles of group ${index + 1}`}
                placeholder="Choose roles"
                options={options}
                values={roleIds}
                onValuesChange={(next) => change(key, { roleIds: next })}
              />
              <Button
                kind="plain"
                isIconOnly
                aria-label={`Remove group ${index + 1}`}
                onClick={() => onChange(groups.filter((one) => one.key !== key))}
              >
                <X className="icon" aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button disabled={groups.length >= MAX_GROUPS} onClick={() => onChange([...groups, emptyGroup()])}>
          <Plus className="icon" aria-hidden="true" />
          Add group
        </Button>
      </div>
    </fieldset>
  )
}
