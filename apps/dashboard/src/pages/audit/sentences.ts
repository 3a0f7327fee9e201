import type { AuditLog } from '@daytona-auth/sdk'

/** Names of the members, by user id. */
export type Names = ReadonlyMap<string, string>

/** The member of the metadata that names a target of a type. `name` for others. */
const NAME_MEMBERS: Readonly<Record<string, string>> = { api_key: 'keyName', invitation: 'email', grant: 'clientId' }

/** What was done, after the actor's name. Its thing, if it has a name, follows. */
const VERBS: Readonly<Record<string, string>> = {
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
  'grant.revoke': 'revoked the access of the app',
  'invitation.accept': 'accepted the invitation to',
  'invitation.cancel': 'cancelled the invitation to',
  'invitation.create': 'invited',
  'invitation.decline': 'declined the invitation to',
  'invitation.update': 'sent again the invitation to',
  'member.remove': 'removed the member',
  'member.update_access': 'changed the access of the member',
  'oauth_app.create': 'created the OAuth app',
  'oauth_app.create_secret': 'added a secret to the OAuth app',
  'oauth_app.delete': 'deleted the OAuth app',
  'oauth_app.delete_secret': 'deleted a secret of the OAuth app',
  'oauth_app.rotate_secret': 'rotated the secret of the OAuth app',
  'oauth_app.update': 'changed the OAuth app',
  'resource_server.create': 'registered the API',
  'resource_server.delete': 'deleted the API',
  'resource_server.update': 'changed the API',
  'organization.create': 'created the organization',
  'organization.delete': 'deleted the organization',
  'organization.leave': 'left the organization',
  'organization.update': 'changed the organization',
  'role.create': 'created the role',
  'role.delete': 'deleted the role',
  'role.update': 'changed the role',
  'session.end': 'ended a browser session',
  'user.cancel_email_change': 'cancelled a change of the address',
  'user.change_email': 'changed the address',
  'user.change_password': 'changed the password',
  'user.confirm_email_change': 'confirmed a change of the address with one of the addresses',
  'user.create': 'created an account',
  'user.link_identity': 'linked a sign-in with another provider',
  'user.recover': 'chose a new password with a mailed link',
  'user.request_email_change': 'requested a change of the address',
  'user.request_email_verification': 'requested a mail that verifies the address',
  'user.request_recovery': 'requested a mail to choose a new password',
  'user.revoke_keys': 'revoked all API keys with a mailed link',
  'user.sign_in': 'signed in',
  'user.take_over': 'took over an account with an unverified address',
  'user.unlink_identity': 'removed a sign-in with another provider',
  'user.update': 'changed the profile',
  'user.verify_email': 'verified the address',
}

const THINGS: Readonly<Record<string, string>> = {
  sandbox: 'sandbox',
  snapshot: 'snapshot',
  volume: 'volume',
  registry: 'registry',
}

const RECORD_VERBS: Readonly<Record<string, string>> = {
  create: 'created',
  delete: 'deleted',
  update: 'changed',
  update_labels: 'changed the labels of',
  update_state: 'changed the state of',
}

/** Returns what was done, without the actor and the target: "created the API key". Unknown actions keep their name. */
export function verbOf({ action }: Pick<AuditLog, 'action'>): string {
  const known = VERBS[action]
  if (known !== undefined) return known
  const [kind = '', verb = ''] = action.split('.')
  const thing = THINGS[kind]
  const done = RECORD_VERBS[verb]
  return thing !== undefined && done !== undefined ? `${done} the ${thing}` : `did ${action}`
}

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
