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
export {
  deleteIdentityProvider,
  findIdentityProvider,
  findSealedClientSecret,
  type IdentityProviderRow,
  putIdentityProvider,
  resealIdentityProviders,
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
