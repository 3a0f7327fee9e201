import { ADMINISTRATION } from '@daytona-auth/protocol/scopes'
import { PERMISSIONS, type Permission } from '@daytona-auth/sdk'

/** What permissions allow to do with a resource, with the letter of their chip. */
export const ACCESS = [
  { prefix: 'read', label: 'Read', letter: 'R' },
  { prefix: 'write', label: 'Write', letter: 'W' },
] as const

type Access = (typeof ACCESS)[number]['prefix']

/** A resource that permissions are about, named by the last part of their names. */
export interface Resource {
  readonly name: string
  readonly label: string
  readonly permissions: Readonly<Partial<Record<Access, Permission>>>
}

/** The resources of all permissions, in display order. */
export const RESOURCES: readonly Resource[] = [...new Set(PERMISSIONS.map(resourceOf))]
  .filter((name) => name !== resourceOf(ADMINISTRATION))
  .map((name) => ({
    name,
    label: name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' '),
    permissions: Object.fromEntries(
      PERMISSIONS.filter((permission) => resourceOf(permission) === name).map((permission) => [
        permission.slice(0, permission.indexOf(':')),
        permission,
      ]),
    ),
  }))

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
  return RESOURCES.flatMap(({ label, permissions: ofResource }) => {
    const held = ACCESS.flatMap(({ prefix, letter }) => {
      const permission = ofResource[prefix]
      return permission !== undefined && all.has(permission) ? [{ letter, permission }] : []
    })
    if (held.length === 0) return []
    return {
      label: `${label} ${held.map(({ letter }) => letter).join('/')}`,
      permissions: held.map(({ permission }) => permission),
      isAdministration: false,
    }
  })
}

function resourceOf(permission: Permission): string {
  return permission.slice(permission.indexOf(':') + 1)
}
