/**
 * Every audited action: what happened, the type of the target, and the members of the event's metadata. `members` are in
 * every event of the action, `optional` in some. A published action is never renamed.
 */
export const AUDIT_ACTIONS = {
  'api_key.create': {
    meaning: 'An API key was created',
    targetType: 'api_key',
    members: ['keyId', 'keyName', 'permissions', 'expiresAt'],
    optional: ['parentKeyId', 'parentGrantId'],
  },
  'api_key.update': {
    meaning: 'The name, description, permissions or expiry of an API key was changed',
    targetType: 'api_key',
    members: ['keyId', 'keyName', 'before', 'after'],
    optional: ['updatedWithKeyId'],
  },
  'api_key.rotate': {
    meaning: 'The secret of an API key was replaced',
    targetType: 'api_key',
    members: ['keyId', 'keyName', 'gracePeriodSeconds', 'expiresAt'],
    optional: [],
  },
  'api_key.end_previous_secrets': {
    meaning: 'Secrets of an API key that were valid for the grace period of a rotation were ended',
    targetType: 'api_key',
    members: ['keyId', 'keyName', 'ended'],
    optional: [],
  },
  'api_key.delete': {
    meaning: 'An API key was revoked, by itself or with what it depends on',
    targetType: 'api_key',
    members: ['keyId', 'keyName'],
    optional: [
      'deletedWithKeyId',
      'deletedWithClientId',
      'deletedWithOrganizationId',
      'endedWithMembershipOf',
      'endedBy',
      'reason',
    ],
  },
  'api_key.remove_organization': {
    meaning: 'An API key of another organization lost access to this one',
    targetType: 'api_key',
    members: ['keyId', 'keyName'],
    optional: ['endedWithMembershipOf'],
  },
  'api_key.expire': {
    meaning: 'An API key expired',
    targetType: 'api_key',
    members: ['keyId', 'keyName'],
    optional: [],
  },
  'api_key.refuse': {
    meaning: 'Requests with an API key were denied; `count` is their number',
    targetType: 'api_key',
    members: ['reason', 'method', 'route', 'count'],
    optional: [],
  },
  'oauth_app.create': {
    meaning: 'An OAuth app was created',
    targetType: 'oauth_app',
    members: ['name', 'type', 'redirectUris', 'scopes'],
    optional: ['firstParty', 'registration', 'initialAccessTokenId'],
  },
  'oauth_app.update': {
    meaning: 'An OAuth app was changed',
    targetType: 'oauth_app',
    members: ['name', 'changed'],
    optional: [],
  },
  'oauth_app.create_secret': {
    meaning: 'A secret was added to an OAuth app',
    targetType: 'oauth_app',
    members: ['name', 'secretId', 'secretName', 'expiresAt'],
    optional: [],
  },
  'oauth_app.delete_secret': {
    meaning: 'A secret of an OAuth app was deleted',
    targetType: 'oauth_app',
    members: ['name', 'secretId', 'secretName'],
    optional: [],
  },
  'oauth_app.rotate_secret': {
    meaning: 'All secrets of an OAuth app were replaced by a new one',
    targetType: 'oauth_app',
    members: ['name'],
    optional: [],
  },
  'oauth_app.delete': {
    meaning: 'An OAuth app was deleted',
    targetType: 'oauth_app',
    members: [],
    optional: ['name', 'reason'],
  },
  'oauth_app.approve': {
    meaning: 'The organization approved an app of someone else for its members',
    targetType: 'oauth_app',
    members: ['name'],
    optional: ['before', 'requests'],
  },
  'oauth_app.block': {
    meaning: 'The organization blocked an app of someone else, which ended its access',
    targetType: 'oauth_app',
    members: ['name'],
    optional: ['before', 'requests'],
  },
  'oauth_app.delete_decision': {
    meaning: 'The organization deleted its decision about an app: its policy applies again',
    targetType: 'oauth_app',
    members: ['before'],
    optional: [],
  },
  'oauth_app.request_approval': {
    meaning: 'A member requested that the organization approve an app',
    targetType: 'oauth_app',
    members: ['name'],
    optional: [],
  },
  'oauth_app.decline_requests': {
    meaning: 'The requests of members to approve an app were declined',
    targetType: 'oauth_app',
    members: ['requests'],
    optional: [],
  },
  'initial_access_token.create': {
    meaning: 'The operator created a token with which apps can register themselves',
    targetType: 'initial_access_token',
    members: ['name', 'maxUses', 'expiresAt'],
    optional: [],
  },
  'initial_access_token.delete': {
    meaning: 'The operator revoked a token with which apps could register themselves',
    targetType: 'initial_access_token',
    members: ['name', 'uses'],
    optional: [],
  },
  'resource_server.create': {
    meaning: 'An API with its own audience was registered',
    targetType: 'resource_server',
    members: ['name', 'identifier', 'scopes'],
    optional: [],
  },
  'resource_server.update': {
    meaning: 'An API with its own audience was changed, enabled or disabled',
    targetType: 'resource_server',
    members: ['name', 'identifier', 'changed'],
    optional: [],
  },
  'resource_server.delete': {
    meaning: 'An API with its own audience was deleted, which ended its tokens',
    targetType: 'resource_server',
    members: ['name', 'identifier'],
    optional: [],
  },
  'organization.create': {
    meaning: 'The organization was created',
    targetType: 'organization',
    members: [],
    optional: ['name'],
  },
  'organization.update': {
    meaning:
      'The organization was renamed, or whether its members need a second factor or which apps it allows was changed',
    targetType: 'organization',
    members: ['name'],
    optional: ['before', 'requireSecondFactor', 'appAccess', 'appAccessBefore'],
  },
  'organization.delete': {
    meaning: 'The organization was deleted',
    targetType: 'organization',
    members: ['name', 'endedKeys'],
    optional: [],
  },
  'organization.set_quota': {
    meaning: 'The operator limited how many things of a kind the organization may have',
    targetType: 'organization',
    members: ['resource', 'before', 'maximum'],
    optional: ['reason'],
  },
  'organization.remove_quota': {
    meaning: 'The operator removed a quota of the organization',
    targetType: 'organization',
    members: ['resource', 'before'],
    optional: ['reason'],
  },
  'organization.leave': {
    meaning: 'A member left the organization',
    targetType: 'user',
    members: ['email', 'role', 'assignedRoles', 'endedKeys', 'narrowedKeys'],
    optional: [],
  },
  'member.join': {
    meaning:
      'A person became a member by a sign-in with the identity provider of the organization, or could not: with status 409 at the quota of members, with 403 after a removal',
    targetType: 'user',
    members: ['email', 'issuer'],
    optional: ['role', 'assignedRoles'],
  },
  'member.remove': {
    meaning: 'A member was removed',
    targetType: 'user',
    members: ['email', 'role', 'assignedRoles', 'endedKeys', 'narrowedKeys'],
    optional: [],
  },
  'member.update_access': {
    meaning:
      'The role or the permissions of a member were changed; `issuer` is the identity provider whose groups changed them',
    targetType: 'user',
    members: ['before', 'after'],
    optional: ['issuer'],
  },
  'domain.create': {
    meaning: 'An e-mail domain was claimed, which has no effect before it is verified',
    targetType: 'domain',
    members: ['domain'],
    optional: [],
  },
  'domain.verify': {
    meaning: 'The DNS record of an e-mail domain was found: it belongs to the organization',
    targetType: 'domain',
    members: ['domain'],
    optional: [],
  },
  'domain.lapse': {
    meaning: 'The DNS record of an e-mail domain was not found for a week: it no longer belongs to the organization',
    targetType: 'domain',
    members: ['domain'],
    optional: [],
  },
  'domain.delete': {
    meaning: 'An e-mail domain was removed from the organization',
    targetType: 'domain',
    members: ['domain'],
    optional: [],
  },
  'identity_provider.set': {
    meaning: 'The identity provider of the organization was set or changed',
    targetType: 'identity_provider',
    members: ['name', 'issuer', 'clientId', 'scopes', 'secretChanged'],
    optional: [],
  },
  'identity_provider.set_provisioning': {
    meaning:
      'What a sign-in with the identity provider gives in the organization was set: membership, and roles of groups',
    targetType: 'identity_provider',
    members: ['newMemberRoleIds', 'groupsClaim', 'groupRoles', 'withdrawnRoles'],
    optional: [],
  },
  'identity_provider.update': {
    meaning: 'Whether the organization requires its identity provider was changed',
    targetType: 'identity_provider',
    members: ['signIn'],
    optional: [],
  },
  'identity_provider.reencrypt': {
    meaning: 'The client secret of an identity provider was encrypted with another secret',
    targetType: 'identity_provider',
    members: ['organizationId'],
    optional: [],
  },
  'identity_provider.delete': {
    meaning: 'The identity provider of the organization was removed',
    targetType: 'identity_provider',
    members: ['name', 'issuer'],
    optional: [],
  },
  'role.create': {
    meaning: 'A role was created',
    targetType: 'role',
    members: ['name', 'description', 'permissions'],
    optional: [],
  },
  'role.update': {
    meaning: 'A role was changed',
    targetType: 'role',
    members: ['before', 'after'],
    optional: [],
  },
  'role.delete': {
    meaning: 'A role was deleted',
    targetType: 'role',
    members: ['name', 'description', 'permissions'],
    optional: [],
  },
  'invitation.create': {
    meaning: 'A person was invited',
    targetType: 'invitation',
    members: ['email', 'role', 'assignedRoles', 'expiresAt'],
    optional: [],
  },
  'invitation.update': {
    meaning: 'An invitation was changed',
    targetType: 'invitation',
    members: ['email', 'role', 'assignedRoles', 'expiresAt'],
    optional: [],
  },
  'invitation.cancel': {
    meaning: 'An invitation was cancelled',
    targetType: 'invitation',
    members: ['email', 'role', 'assignedRoles', 'expiresAt'],
    optional: [],
  },
  'invitation.accept': {
    meaning: 'An invitation was accepted',
    targetType: 'invitation',
    members: ['email', 'role', 'assignedRoles', 'expiresAt'],
    optional: [],
  },
  'invitation.decline': {
    meaning: 'An invitation was declined',
    targetType: 'invitation',
    members: ['email', 'role', 'assignedRoles', 'expiresAt'],
    optional: [],
  },
  'sandbox.create': { meaning: 'A sandbox was created', targetType: 'sandbox', members: ['name'], optional: [] },
  'sandbox.update_labels': {
    meaning: 'The labels of a sandbox were replaced',
    targetType: 'sandbox',
    members: ['name'],
    optional: [],
  },
  'sandbox.update_state': {
    meaning: 'A runner reported the state of a sandbox',
    targetType: 'sandbox',
    members: ['name', 'state'],
    optional: [],
  },
  'sandbox.delete': { meaning: 'A sandbox was deleted', targetType: 'sandbox', members: ['name'], optional: [] },
  'snapshot.create': { meaning: 'A snapshot was created', targetType: 'snapshot', members: ['name'], optional: [] },
  'snapshot.delete': { meaning: 'A snapshot was deleted', targetType: 'snapshot', members: ['name'], optional: [] },
  'volume.create': { meaning: 'A volume was created', targetType: 'volume', members: ['name'], optional: [] },
  'volume.delete': { meaning: 'A volume was deleted', targetType: 'volume', members: ['name'], optional: [] },
  'registry.create': { meaning: 'A registry was added', targetType: 'registry', members: ['name'], optional: [] },
  'registry.update': {
    meaning: 'A registry was changed',
    targetType: 'registry',
    members: ['name', 'url', 'passwordChanged'],
    optional: [],
  },
  'registry.reencrypt': {
    meaning: 'The password of a registry was encrypted with another secret',
    targetType: 'registry',
    members: ['organizationId'],
    optional: [],
  },
  'registry.delete': { meaning: 'A registry was removed', targetType: 'registry', members: ['name'], optional: [] },
  'user.create': { meaning: 'An account was created', targetType: 'user', members: [], optional: [] },
  'user.update': { meaning: 'An account was renamed', targetType: 'user', members: ['name'], optional: [] },
  'user.choose_preferences': {
    meaning: 'The language or the time zone of an account was chosen, or is not chosen any more',
    targetType: 'user',
    members: ['language', 'timeZone'],
    optional: [],
  },
  'user.disable': {
    meaning: 'The operator disabled an account',
    targetType: 'user',
    members: ['endedSessions', 'endedGrants', 'endedKeys'],
    optional: ['reason'],
  },
  'user.enable': {
    meaning: 'The operator enabled a disabled account',
    targetType: 'user',
    members: [],
    optional: ['reason'],
  },
  'user.sign_out': {
    meaning: 'The operator ended every session and grant of an account',
    targetType: 'user',
    members: ['endedSessions', 'endedGrants', 'endedKeys'],
    optional: ['reason'],
  },
  'user.delete': {
    meaning: 'An account was deleted, with the organizations of which it was the only member',
    targetType: 'user',
    members: ['deletedOrganizations', 'leftOrganizations', 'endedKeys'],
    optional: ['reason'],
  },
  'user.sign_in': {
    meaning: 'A user signed in, or failed to with status 401; `issuer` is the provider that the user signed in with',
    targetType: 'user',
    members: ['clientId'],
    optional: ['factor', 'issuer'],
  },
  'user.link_identity': {
    meaning: 'An account at another provider was linked, with which the user can sign in',
    targetType: 'user',
    members: ['issuer', 'email'],
    optional: [],
  },
  'user.unlink_identity': {
    meaning: 'A user removed an account at another provider, so that it cannot sign in any more',
    targetType: 'user',
    members: ['issuer'],
    optional: ['endedSessions', 'endedGrants', 'endedKeys'],
  },
  'user.request_email_verification': {
    meaning: 'A mail to verify an address was requested',
    targetType: 'user',
    members: ['email'],
    optional: [],
  },
  'user.change_password': {
    meaning:
      'A user changed their password, which ended every other session and grant, or entered a wrong current one with status 401',
    targetType: 'user',
    members: ['endedSessions', 'endedGrants', 'endedKeys'],
    optional: [],
  },
  'user.request_email_change': {
    meaning: 'A user requested a change of the address, which both addresses confirm',
    targetType: 'user',
    members: ['email'],
    optional: [],
  },
  'user.confirm_email_change': {
    meaning: 'One of the two addresses confirmed a change of the address',
    targetType: 'user',
    members: ['email', 'by'],
    optional: [],
  },
  'user.cancel_email_change': {
    meaning: 'A change of the address was cancelled, with the mail to the current address or on the account page',
    targetType: 'user',
    members: ['email', 'by'],
    optional: [],
  },
  'user.change_email': {
    meaning: 'The address of an account was changed, or was taken in the meantime with status 409',
    targetType: 'user',
    members: ['before', 'email'],
    optional: [],
  },
  'user.request_recovery': {
    meaning: 'A mail to choose a new password was requested',
    targetType: 'user',
    members: ['email'],
    optional: [],
  },
  'user.recover': {
    meaning: 'A new password was chosen with a mailed link, which ended every session and grant',
    targetType: 'user',
    members: ['endedSessions', 'endedGrants', 'endedKeys'],
    optional: [],
  },
  'user.add_factor': {
    meaning: 'A second factor was added, which ended every other session and grant',
    targetType: 'user',
    members: ['factor', 'endedSessions', 'endedGrants', 'endedKeys'],
    optional: [],
  },
  'user.remove_factor': {
    meaning: 'A second factor was removed, which ended every other session and grant',
    targetType: 'user',
    members: ['factor', 'endedSessions', 'endedGrants', 'endedKeys'],
    optional: [],
  },
  'user.add_passkey': {
    meaning: 'A passkey was added; the first second factor of an account ended every other session and grant',
    targetType: 'user',
    members: ['passkeyId'],
    optional: ['endedSessions', 'endedGrants', 'endedKeys'],
  },
  'user.remove_passkey': {
    meaning: 'A passkey was removed, which ended every other session and grant',
    targetType: 'user',
    members: ['passkeyId', 'endedSessions', 'endedGrants', 'endedKeys'],
    optional: [],
  },
  'user.trust_browser': {
    meaning: 'A user trusted a browser, in which a sign-in needs no second factor until it expires',
    targetType: 'user',
    members: ['expiresAt'],
    optional: [],
  },
  'user.untrust_browser': {
    meaning: 'A user ended the trust in a browser',
    targetType: 'user',
    members: [],
    optional: [],
  },
  'user.reset_factors': {
    meaning: 'The operator removed the second factors of a user, which ended every session and grant',
    targetType: 'user',
    members: ['endedSessions', 'endedGrants', 'endedKeys'],
    optional: ['reason'],
  },
  'user.request_factor_reset': {
    meaning: 'A mail to have lost second factors removed was requested',
    targetType: 'user',
    members: ['email'],
    optional: [],
  },
  'user.start_factor_reset': {
    meaning: 'The waiting time before the removal of lost second factors was started with a mailed link',
    targetType: 'user',
    members: ['endsAt'],
    optional: [],
  },
  'user.cancel_factor_reset': {
    meaning: 'The removal of second factors was cancelled before its time, or by a sign-in with one of them',
    targetType: 'user',
    members: ['by'],
    optional: [],
  },
  'user.complete_factor_reset': {
    meaning: 'Lost second factors were removed after the waiting time, which ended every session and grant',
    targetType: 'user',
    members: ['endedSessions', 'endedGrants', 'endedKeys'],
    optional: [],
  },
  'user.reencrypt_factor': {
    meaning: 'The secret of an authenticator app was encrypted with another secret',
    targetType: 'user',
    members: ['factor'],
    optional: [],
  },
  'user.create_recovery_codes': {
    meaning: 'The recovery codes were replaced',
    targetType: 'user',
    members: [],
    optional: [],
  },
  'user.revoke_keys': {
    meaning: 'All API keys of a user were revoked with a mailed link',
    targetType: 'user',
    members: ['endedKeys'],
    optional: [],
  },
  'user.take_over': {
    meaning: 'The holder of an address replaced an account that had never verified it',
    targetType: 'user',
    members: ['by', 'replacedUserId'],
    optional: [],
  },
  'user.verify_email': { meaning: 'An address was verified', targetType: 'user', members: ['by'], optional: [] },
  'session.end': {
    meaning: 'A user ended a session',
    targetType: 'session',
    members: ['endedGrants', 'endedKeys'],
    optional: [],
  },
  'session.end_by_provider': {
    meaning: 'The provider that a user had signed in with ended the session, because the user signed out there',
    targetType: 'session',
    members: ['issuer', 'endedGrants', 'endedKeys'],
    optional: [],
  },
  'authorized_app.remove': {
    meaning: 'A user removed the access of an app',
    targetType: 'oauth_app',
    members: ['endedGrants', 'endedKeys'],
    optional: [],
  },
  'grant.revoke': {
    meaning: 'A grant was revoked, with its tokens and the keys created with it',
    targetType: 'grant',
    members: ['clientId'],
    optional: ['endedBy', 'reason'],
  },
  'consent.allow': {
    meaning: 'A user allowed the access of an app',
    targetType: 'oauth_app',
    members: ['clientName', 'scopes', 'organizationIds'],
    optional: ['declined', 'device', 'resource'],
  },
  'consent.deny': {
    meaning: 'A user denied the access of an app',
    targetType: 'oauth_app',
    members: ['clientName', 'scopes'],
    optional: ['device', 'resource'],
  },
  'signing_key.publish': {
    meaning: 'A signing key was published',
    targetType: 'signing_key',
    members: ['alg'],
    optional: [],
  },
  'signing_key.activate': {
    meaning: 'A signing key began to sign',
    targetType: 'signing_key',
    members: ['alg'],
    optional: [],
  },
  'signing_key.retire': {
    meaning: 'A signing key ceased to sign',
    targetType: 'signing_key',
    members: ['alg'],
    optional: [],
  },
  'signing_key.remove': {
    meaning: 'A signing key was removed',
    targetType: 'signing_key',
    members: ['alg'],
    optional: [],
  },
  'signing_key.reencrypt': {
    meaning: 'A signing key was encrypted with another secret',
    targetType: 'signing_key',
    members: ['alg'],
    optional: [],
  },
} as const satisfies Record<string, AuditActionDescription>

/** What the trail states about an action. */
export interface AuditActionDescription {
  readonly meaning: string
  readonly targetType: string
  readonly members: readonly string[]
  readonly optional: readonly string[]
}

type Actions = typeof AUDIT_ACTIONS

/** `<thing>.<verb>`, such as `api_key.create`. */
export type AuditAction = keyof Actions

/** The metadata of an action's events. */
export type AuditMetadata<Action extends AuditAction> = Readonly<
  Record<Actions[Action]['members'][number], unknown> & Partial<Record<Actions[Action]['optional'][number], unknown>>
>

/** Returns every action, in the order of the documentation. */
export const auditActions = (): [AuditAction, ...AuditAction[]] =>
  Object.keys(AUDIT_ACTIONS) as [AuditAction, ...AuditAction[]] // the keys of a const object with members
