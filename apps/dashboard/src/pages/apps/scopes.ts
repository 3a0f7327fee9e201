import {
  ADMINISTRATION,
  IDENTITY_SCOPES,
  type IdentityScope,
  identityScopeNames,
  PERMISSIONS,
  type Permission,
  permissionNames,
} from '@daytona-auth/protocol/scopes'

export const isPermission = (scope: string): scope is Permission => Object.hasOwn(PERMISSIONS, scope)

/** Lists the scopes as the consent page says them, in its order. People may leave out every optional one. */
export function describeScopes(
  identity: ReadonlySet<IdentityScope>,
  permissions: ReadonlySet<Permission>,
): { readonly sentence: string; readonly isStrong: boolean; readonly isOptional: boolean }[] {
  return [
    ...identityScopeNames()
      .filter((scope) => identity.has(scope))
      .map((scope) => ({ sentence: IDENTITY_SCOPES[scope], isStrong: false, isOptional: scope !== 'openid' })),
    ...permissionNames()
      .filter((name) => permissions.has(name))
      .map((name) => ({ sentence: PERMISSIONS[name], isStrong: name === ADMINISTRATION, isOptional: true })),
  ]
}
