/** Where the protocol lives; an authorization is resumed at `<authorization>/:uid`, a device's at `<code_verification>/:uid`. */
export const ROUTES = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  userinfo: '/oauth/userinfo',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  end_session: '/oauth/logout',
  device_authorization: '/oauth/device_authorization',
  code_verification: '/oauth/device',
  jwks: '/.well-known/jwks.json',
} as const

/** The library's, not to be chosen. */
export const DISCOVERY = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'] as const
