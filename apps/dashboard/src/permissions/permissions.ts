import type { Permission } from '@daytona-auth/sdk'

/** The resources that permissions are about, in display order, by the last part of the permission's name. */
export const RESOURCES = [
  { name: 'sandboxes', label: 'Sandboxes' },
  { name: 'snapshots', label: 'Snapshots' },
  { name: 'volumes', label: 'Volumes' },
  { name: 'registries', label: 'Registries' },
] as const

export const ADMINISTRATION = 'admin:organization' as const satisfies Permission

export interface PermissionChip {
  readonly label: string
  /** The names of the permissions, for the explanation. */
  readonly permissions: readonly Permission[]
  readonly isAdministration: boolean
}

/** Compresses permissions to one chip a resource: "Sandboxes R/W", or "Full administration". */
export function compressPermissions(permissions: readonly Permission[]): PermissionChip[] {
  const all = new Set(permissions)
  if (all.has(ADMINISTRATION)) {
    return [{ label: 'Full administration', permissions: [ADMINISTRATION], isAdministration: true }]
  }
  return RESOURCES.flatMap(({ name, label }) => {
    const access = [
      { letter: 'R', permission: `read:${name}` as const },
      { letter: 'W', permission: `write:${name}` as const },
    ].filter(({ permission }) => all.has(permission))
    if (access.length === 0) return []
    return {
      label: `${label} ${access.map(({ letter }) => letter).join('/')}`,
      permissions: access.map(({ permission }) => permission),
      isAdministration: false,
    }
  })
}
