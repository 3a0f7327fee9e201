import { PERMISSIONS as CATALOGUE, permissionNames } from '@daytona-auth/protocol/scopes'
import type { Permission } from './schemas.ts'

// Does not compile if the API's document lacks a permission, or has another one.
CATALOGUE satisfies Record<Permission, string>

/** Every permission, in display order. */
export const PERMISSIONS: readonly Permission[] = permissionNames()

/** Returns whether a text is a permission of this version. */
export const isPermission = (text: string): text is Permission => Object.hasOwn(CATALOGUE, text)
