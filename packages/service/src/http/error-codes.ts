/** The header with the error code of a denial, for programs. The sentence in the body may change; the code does not. */
export const ERROR_CODE_HEADER = 'x-error-code'

/** Every error code by status, with its meaning. A published code is never renamed. */
export const ERROR_CODES = {
  400: {
    invalid_request: 'The request is malformed or breaks a rule',
    invalid_cursor: 'The cursor or page does not come from this list',
    api_key_required: 'The route is for API keys, and the credential is a token',
    credential_misplaced: 'A credential is in the query or body instead of the Authorization header',
    organization_required: 'The credential acts in several organizations, and the request names none',
  },
  401: {
    invalid_credential: 'There is no credential, or it is unknown, expired or revoked',
    insufficient_user_authentication: 'The token is valid, but its sign-in is too weak or too long ago',
  },
  403: {
    insufficient_permissions: 'The credential does not permit this',
    organization_suspended: 'The organization is suspended and cannot be changed',
    app_not_allowed: 'The organization has not approved the app of the credential, or blocks it',
    email_not_verified: 'The user has to verify their e-mail address first',
    cross_site_request: 'A form of the provider was sent from another site',
  },
  404: {
    not_found: 'There is no such route',
    api_key_not_found: 'No such API key, or none this credential may see',
    organization_not_found: 'No such organization, or none this credential may see',
    role_not_found: 'No such role',
    member_not_found: 'No such member',
    invitation_not_found: 'No such invitation',
    oauth_app_not_found: 'No such OAuth app',
    oauth_app_secret_not_found: 'The OAuth app has no such secret',
    app_decision_not_found: 'The organization has not decided about the app',
    app_request_not_found: 'No member has an open request for the app',
    resource_server_not_found: 'No such resource server',
    domain_not_found: 'The organization has no such e-mail domain',
    identity_provider_not_found: 'The organization has no identity provider',
    session_not_found: 'No such session',
    authorized_app_not_found: 'No such authorized app',
    sandbox_not_found: 'No such sandbox',
    snapshot_not_found: 'No such snapshot',
    volume_not_found: 'No such volume',
    registry_not_found: 'No such registry',
  },
  405: { method_not_allowed: 'The path does not support this method; `Allow` lists the methods' },
  408: { request_timeout: 'The request took too long to arrive' },
  409: {
    conflict: 'The request contradicts a change made at the same time',
    api_key_name_taken: 'An active API key of that name exists',
    role_name_taken: 'A role of that name exists',
    identifier_taken: 'A resource server of that identifier is registered already',
    domain_taken: 'The e-mail domain is claimed already, or another organization has verified it',
    domain_record_missing: 'The DNS record that verifies the e-mail domain is not published',
    no_verified_domain:
      'The organization has verified no e-mail domain, so that its identity provider signs no address in',
    no_owner_sign_in: 'With the identity provider required, no owner would be sure to be able to sign in',
    resource_name_taken: 'A record of that name exists',
    limit_reached: 'The maximum number is reached; the sentence names the limit',
    quota_reached: 'The operator allows the organization no more of these; the sentence names the quota',
    personal_organization: 'A personal organization cannot be shared, left or deleted',
    builtin_role: 'A built-in role cannot be changed or deleted',
    last_secret: 'The only valid secret of an OAuth app cannot be deleted',
    last_owner: 'The last owner cannot be demoted or removed',
    already_member: 'The user is a member already',
    already_invited: 'The address is invited already',
    invitation_ended: 'The invitation was accepted, declined, cancelled or has expired',
    email_already_verified: 'The address is verified already',
    stale_page: 'The page belongs to an earlier session',
  },
  413: { body_too_large: 'The body is too large' },
  414: { uri_too_long: 'The URL is too long' },
  415: { unsupported_media_type: 'The content type or encoding is not supported' },
  417: { expectation_failed: 'Expect is not supported, except for 100-continue' },
  421: { misdirected_request: 'The host is not served here' },
  422: { search_too_slow: 'The search takes too long: narrow it' },
  429: { rate_limit_exceeded: 'Too many requests; `Retry-After` gives the seconds' },
  431: { headers_too_large: 'The request headers are too large' },
  500: { internal_error: 'The server failed' },
  503: { unavailable: 'A dependency is down or does not answer; `Retry-After` gives the seconds' },
} as const satisfies Record<number, Record<string, string>>

type Codes = typeof ERROR_CODES

/** A status that denials have. */
export type DenialStatus = keyof Codes

/** The codes of one status. */
export type ErrorCodeOf<Status extends DenialStatus> = keyof Codes[Status] & string

export type ErrorCode = { [Status in DenialStatus]: ErrorCodeOf<Status> }[DenialStatus]

/** Returns all codes, ordered by status. */
export const errorCodes = (): ErrorCode[] =>
  Object.values(ERROR_CODES).flatMap((codes) => Object.keys(codes)) as ErrorCode[] // the keys of a const object

/** Returns the default code of a status: its first. */
export function defaultErrorCode(status: number): ErrorCode {
  const codes: Record<string, string> | undefined = ERROR_CODES[status as DenialStatus]
  const [first] = Object.keys(codes ?? {})
  return (first ?? (status >= 500 ? 'internal_error' : 'invalid_request')) as ErrorCode // a key of the table
}
