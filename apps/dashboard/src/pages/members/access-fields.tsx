import type { OrganizationRole } from '@daytona-auth/sdk'
import { useState } from 'react'
import type { Access } from '../../api/invitations.ts'
import { compressPermissions } from '../../permissions/permissions.ts'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ChoiceGroup } from '../../ui/choice-group.tsx'

const MEMBER = { value: 'member', label: 'Member' } as const
const OWNER = { value: 'owner', label: 'Owner' } as const

/** Chooses owner or member, and the roles of a member. */
export function AccessFields({
  value,
  onValueChange,
  roles,
  groupRoleIds = [],
  canMakeOwners,
}: {
  readonly value: Access
  readonly onValueChange: (access: Access) => void
  readonly roles: readonly OrganizationRole[]
  /** Roles that the groups of the identity provider give: they end there only. */
  readonly groupRoleIds?: readonly string[]
  /** Only owners can add or remove owners. */
  readonly canMakeOwners: boolean
}) {
  const { assignedRoleIds } = value
  // What the person has is visible without scrolling. A press does not move a role.
  const [assignedBefore] = useState(() => new Set(assignedRoleIds))
  const ordered = roles.toSorted((a, b) => Number(assignedBefore.has(b.id)) - Number(assignedBefore.has(a.id)))
  const toggle = (id: string, isChosen: boolean): void => {
    const others = assignedRoleIds.filter((one) => one !== id)
    onValueChange({ ...value, assignedRoleIds: isChosen ? [...others, id] : others })
  }
  return (
    <>
      <ChoiceGroup
        label="Access"
        value={value.role}
        choices={canMakeOwners || value.role === 'owner' ? [MEMBER, OWNER] : [MEMBER]}
        onValueChange={(role) => onValueChange({ ...value, role })}
        hint={
          value.role === 'owner'
            ? 'An owner holds every permission, and can delete the organization.'
            : 'A member holds the permissions of the roles that you choose.'
        }
      />
      {value.role === 'member' && (
        <fieldset className="fieldset">
          <legend className="field-label">Roles</legend>
          <div className="role-choices">
            {ordered.map(({ id, name, permissions }) => (
              <Checkbox
                key={id}
                checked={assignedRoleIds.includes(id)}
                disabled={groupRoleIds.includes(id)}
                onCheckedChange={(isChosen) => toggle(id, isChosen)}
              >
                <bdi>{name}</bdi>{' '}
                <span className="soft small">
                  {compressPermissions(permissions)
                    .map(({ label }) => label)
                    .join(', ')}
                </span>
              </Checkbox>
            ))}
          </div>
          {groupRoleIds.length > 0 && (
            <p className="hint">Roles that cannot be changed come from groups of the identity provider.</p>
          )}
          <p className="hint">Without a role, a member can only see the members.</p>
        </fieldset>
      )}
    </>
  )
}
