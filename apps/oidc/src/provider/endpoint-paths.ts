/**
 * The endpoints' paths. An authorization resumes at `<authorization>/:uid`, a device's at `<code_verification>/:uid`.
 */
export const ROUTES = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  userinfo: '/oauth/userinfo',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  end_session: '/oauth/logout',
  pushed_authorization_request: '/oauth/par',
  device_authorization: '/oauth/device_authorization',
  code_verification: '/oauth/device',
  jwks: '/.well-known/jwks.json',
} as const

/** Where clients register themselves (RFC 7591). Served by us, not by the library. */
export const REGISTRATION = '/oauth/register'

/** Where an upstream provider sends its logout tokens (OpenID Connect Back-Channel Logout §2.5). */
export const UPSTREAM_LOGOUT = '/oauth/upstream/:name/backchannel-logout'

/** The discovery paths, which the library fixes. */
export const DISCOVERY = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'] as const

/** Returns the path of the pages on which the user signs in and consents. */
export const interactionPath = (uid: string): string => `/oauth/interaction/${encodeURIComponent(uid)}`
