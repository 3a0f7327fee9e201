export {
  confirmDomain,
  countDomains,
  type DomainRow,
  deleteDomain,
  findDomain,
  insertDomain,
  lapseDomain,
  listDomains,
  takeDomainsToCheck,
  verifyDomain,
} from './domains.ts'
export { isProvisionable } from './group-roles.ts'
export {
  deleteIdentityProvider,
  findIdentityProvider,
  findIdentityProviderOfDomain,
  findSealedClientSecret,
  findSealedIdentityProvider,
  type IdentityProviderRow,
  putIdentityProvider,
  resealIdentityProviders,
  type SealedIdentityProvider,
} from './identity-providers.ts'
export {
  countInvitationsTo,
  findInvitation,
  findInvitationByToken,
  findInvitationTo,
  findOpenInvitation,
  type InvitationContent,
  type InvitationRow,
  insertInvitation,
  listInvitations,
  listInvitationsTo,
  redeemInvitationToken,
  renewInvitation,
  settleInvitation,
} from './invitations.ts'
export {
  accessOf,
  type ProvisioningOutcome,
  provisioningEntries,
  provisionMember,
} from './member-provisioning.ts'
export {
  countOwners,
  findMember,
  insertMember,
  isMemberByEmail,
  listMembers,
  type MemberAccess,
  type MemberRow,
  type MembershipEnd,
  removeMember,
  setMemberAccess,
} from './members.ts'
export {
  deleteOrganization,
  deletePersonalOrganization,
  findOrganization,
  insertOrganization,
  listOrganizations,
  lockOrganization,
  type OrganizationChange,
  type OrganizationRow,
  updateOrganization,
} from './organizations.ts'
export {
  findMappedGroups,
  findProvisioning,
  groupDigest,
  MAX_GROUP_ROLES,
  type Provisioning,
  setProvisioning,
} from './provisioning.ts'
export { listQuotas, lockForQuota, type QuotaRow, removeQuota, setQuota } from './quotas.ts'
export {
  deleteRole,
  findRole,
  insertRole,
  listRoles,
  lockRoles,
  type RoleContent,
  type RoleRow,
  updateRole,
} from './roles.ts'
export { findSignInObstacle, type SignInRule, setSignInRule } from './sign-in-rule.ts'
