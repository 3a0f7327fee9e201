import type { AuditLog } from '@daytona-auth/sdk'

/** Names of the members, by user id. */
export type Names = ReadonlyMap<string, string>

/** The member of the metadata that names a target of a type. `name` for others. */
const NAME_MEMBERS: Readonly<Record<string, string>> = {
  api_key: 'keyName',
  invitation: 'email',
  grant: 'clientId',
  domain: 'domain',
}

/** What was done, after the actor's name. Its thing, if it has a name, follows. */
const VERBS: Readonly<Record<AuditLog['action'], string>> = {
  'api_key.create': 'created the API key',
  'api_key.delete': 'revoked the API key',
  'api_key.end_previous_secrets': 'ended earlier secrets of the API key',
  'api_key.expire': 'ended, at its expiry, the API key',
  'api_key.refuse': 'was denied requests with the API key',
  'api_key.remove_organization': 'ended the access to this organization of the API key',
  'api_key.rotate': 'rotated the API key',
  'api_key.update': 'changed the API key',
  'authorized_app.remove': 'revoked the access of the app',
  'consent.allow': 'gave access to the app',
  'consent.deny': 'denied access to the app',
  'domain.create': 'claimed the domain',
  'domain.delete': 'deleted the domain',
  'domain.lapse': 'ended, because its record was missing, the ownership of the domain',
  'domain.verify': 'verified the domain',
  'grant.revoke': 'revoked the access of the app',
  'identity_provider.delete': 'deleted the identity provider',
  'identity_provider.reencrypt': 'encrypted with another secret the client secret of the identity provider',
  'identity_provider.set': 'set the identity provider',
  'identity_provider.set_provisioning': 'set who joins, and the roles of groups, with the identity provider',
  'identity_provider.update': 'changed whether the identity provider is required',
  'initial_access_token.create': 'created the token for registrations',
  'initial_access_token.delete': 'deleted the token for registrations',
  'invitation.accept': 'accepted the invitation to',
  'invitation.cancel': 'cancelled the invitation to',
  'invitation.create': 'invited',
  'invitation.decline': 'declined the invitation to',
  'invitation.update': 'sent again the invitation to',
  'member.join': 'signed in with the identity provider and joined as',
  'member.remove': 'removed the member',
  'member.update_access': 'changed the access of the member',
  'oauth_app.approve': 'approved an app',
  'oauth_app.block': 'blocked an app',
  'oauth_app.delete_decision': 'deleted the decision about an app',
  'oauth_app.decline_requests': 'declined the requests for an app',
  'oauth_app.request_approval': 'requested the approval of the app',
  'oauth_app.create': 'created the OAuth app',
  'oauth_app.create_secret': 'added a secret to the OAuth app',
  'oauth_app.delete': 'deleted the OAuth app',
  'oauth_app.delete_secret': 'deleted a secret of the OAuth app',
  'oauth_app.rotate_secret': 'rotated the secret of the OAuth app',
  'oauth_app.update': 'changed the OAuth app',
  'organization.create': 'created the organization',
  'organization.delete': 'deleted the organization',
  'organization.leave': 'left the organization',
  'organization.remove_quota': 'removed a quota of the organization',
  'organization.set_quota': 'set a quota of the organization',
  'organization.update': 'changed the organization',
  'registry.create': 'created the registry',
  'registry.delete': 'deleted the registry',
  'registry.reencrypt': 'encrypted with another secret the password of the registry',
  'registry.update': 'changed the registry',
  'resource_server.create': 'registered the API',
  'resource_server.delete': 'deleted the API',
  'resource_server.update': 'changed the API',
  'role.create': 'created the role',
  'role.delete': 'deleted the role',
  'role.update': 'changed the role',
  'sandbox.create': 'created the sandbox',
  'sandbox.delete': 'deleted the sandbox',
  'sandbox.update_labels': 'changed the labels of the sandbox',
  'sandbox.update_state': 'changed the state of the sandbox',
  'session.end': 'ended a browser session',
  'session.end_by_provider': 'ended a browser session with a sign-out at its identity provider',
  'signing_key.activate': 'began to sign with the key',
  'signing_key.publish': 'published the signing key',
  'signing_key.reencrypt': 'encrypted with another secret the signing key',
  'signing_key.remove': 'removed the signing key',
  'signing_key.retire': 'ceased to sign with the key',
  'snapshot.create': 'created the snapshot',
  'snapshot.delete': 'deleted the snapshot',
  'user.add_factor': 'added an authenticator app',
  'user.add_passkey': 'added a passkey',
  'user.cancel_email_change': 'cancelled a change of the address',
  'user.cancel_factor_reset': 'cancelled the removal of lost second factors',
  'user.change_email': 'changed the address',
  'user.change_password': 'changed the password',
  'user.choose_preferences': 'chose a language and a time zone',
  'user.complete_factor_reset': 'removed lost second factors after the waiting time',
  'user.confirm_email_change': 'confirmed a change of the address with one of the addresses',
  'user.create': 'created an account',
  'user.create_recovery_codes': 'created new recovery codes',
  'user.delete': 'deleted an account',
  'user.disable': 'disabled an account',
  'user.enable': 'enabled an account',
  'user.link_identity': 'linked a sign-in with another provider',
  'user.recover': 'chose a new password with a mailed link',
  'user.reencrypt_factor': 'encrypted with another secret an authenticator app',
  'user.remove_factor': 'removed an authenticator app',
  'user.remove_passkey': 'removed a passkey',
  'user.request_email_change': 'requested a change of the address',
  'user.request_email_verification': 'requested a mail that verifies the address',
  'user.request_factor_reset': 'requested a mail to remove lost second factors',
  'user.request_recovery': 'requested a mail to choose a new password',
  'user.reset_factors': 'removed the second factors of an account',
  'user.revoke_keys': 'revoked all API keys with a mailed link',
  'user.sign_in': 'signed in',
  'user.sign_out': 'signed an account out everywhere',
  'user.start_factor_reset': 'started the removal of lost second factors',
  'user.take_over': 'took over an account with an unverified address',
  'user.trust_browser': 'trusted a browser',
  'user.unlink_identity': 'removed a sign-in with another provider',
  'user.untrust_browser': 'ended the trust in a browser',
  'user.update': 'changed the profile',
  'user.verify_email': 'verified the address',
  'volume.create': 'created the volume',
  'volume.delete': 'deleted the volume',
}

/** Returns what was done, without the actor and the target: "created the API key". */
export const verbOf = ({ action, statusCode }: Pick<AuditLog, 'action' | 'statusCode'>): string =>
  (action === 'member.join' && NOT_JOINED.get(statusCode ?? 200)) || VERBS[action]

/** Why a sign-in with the identity provider made no member, by the status of its event. */
const NOT_JOINED: ReadonlyMap<number, string> = new Map([
  [403, 'signed in with the identity provider, and needs an invitation because they were removed or left before:'],
  [409, 'signed in with the identity provider, and did not join because the quota of members is reached:'],
])

/** Returns the name of the target that is shown; undefined if the sentence needs none. */
export function targetOf({ action, targetType, targetId, metadata }: AuditLog, names: Names): string | undefined {
  if (targetId === null || targetType === 'session') return undefined
  if (action.startsWith('user.') || action === 'organization.leave') return undefined
  if (targetType === 'user') return names.get(targetId) ?? targetId
  const member = NAME_MEMBERS[targetType ?? ''] ?? 'name'
  const name = metadata[member] ?? contentAfter(metadata)[member]
  return typeof name === 'string' && name !== '' ? name : targetId
}

/** Returns the content of a thing after its change, as events of changes have it. */
function contentAfter({ after }: AuditLog['metadata']): Readonly<Record<string, unknown>> {
  return typeof after === 'object' && after !== null ? { ...after } : {}
}

/** Returns who acted, for display: a member's name, otherwise the address. */
export const actorOf = ({ actorEmail, actorId }: AuditLog, names: Names): string =>
  names.get(actorId ?? '') ?? actorEmail ?? actorId ?? 'The service'
