import type { Provisioning } from '@daytona-auth/sdk'

/** A group as it is typed. */
export interface GroupDraft {
  readonly key: number
  readonly group: string
  readonly roleIds: readonly string[]
}

export interface ProvisioningDraft {
  readonly isJoining: boolean
  readonly newMemberRoleIds: readonly string[]
  readonly groupsClaim: string
  readonly groups: readonly GroupDraft[]
}

let keys = 0

export const emptyGroup = (): GroupDraft => ({ key: ++keys, group: '', roleIds: [] })

export const draftOf = ({ newMemberRoleIds, groupsClaim, groupRoles }: Provisioning): ProvisioningDraft => ({
  isJoining: newMemberRoleIds !== null,
  newMemberRoleIds: newMemberRoleIds ?? [],
  groupsClaim: groupsClaim ?? '',
  groups: groupRoles.map(({ group, roleIds }) => ({ key: ++keys, group, roleIds })),
})

/** What a draft sends. Without a claim, groups give nothing. */
export function contentOf({ isJoining, newMemberRoleIds, groupsClaim, groups }: ProvisioningDraft): Provisioning {
  const claim = groupsClaim.trim()
  return {
    newMemberRoleIds: isJoining ? [...newMemberRoleIds] : null,
    groupsClaim: claim === '' ? null : claim,
    groupRoles:
      claim === '' ? [] : groups.map(({ group, roleIds }) => ({ group: group.trim(), roleIds: [...roleIds] })),
  }
}

/** What is missing in a draft: by the key of the group. */
export function problemsOf({ groupsClaim, groups }: ProvisioningDraft): {
  readonly groups: ReadonlyMap<number, string>
  readonly has: boolean
} {
  const problems = new Map<number, string>()
  const names = groups.map(({ group }) => group.trim())
  for (const [index, { key, roleIds }] of groups.entries()) {
    const name = names[index] ?? ''
    if (name === '') problems.set(key, 'Enter the group, or remove it.')
    else if (names.indexOf(name) < index) problems.set(key, 'This group is in the list already.')
    else if (roleIds.length === 0) problems.set(key, 'Choose a role for this group.')
  }
  return { groups: problems, has: groupsClaim.trim() !== '' && problems.size > 0 }
}
