import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts'

/** The public origin of the service, which the API writes into the document. */
export const issuer = document.querySelector<HTMLMetaElement>('meta[name="daytona-issuer"]')?.content ?? ''

/** The path of the redirect URI that is registered for the dashboard. */
export const CALLBACK_PATH = '/dashboard/callback'

/**
 * Creates the OpenID client. Tokens are kept in memory only: no script and no extension that reads the browser's storage
 * finds one, and a duplicated tab does not present this tab's refresh token a second time. What `sessionStorage` has is
 * the PKCE verifier of a sign-in that is under way.
 */
export const createUserManager = (): UserManager =>
  new UserManager({
    authority: issuer,
    client_id: 'daytona-dashboard',
    redirect_uri: `${issuer}${CALLBACK_PATH}`,
    post_logout_redirect_uri: `${issuer}/dashboard`,
    scope: 'openid profile email',
    // Known without a request: the provider is on the same origin.
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      userinfo_endpoint: `${issuer}/oauth/userinfo`,
      end_session_endpoint: `${issuer}/oauth/logout`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
    },
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    // The default without `acr`, which says how strong the sign-in was.
    filterProtocolClaims: ['nbf', 'jti', 'auth_time', 'nonce', 'amr', 'azp', 'at_hash'],
    // `session.ts` renews a token when a request needs one: a timer beside it would present one refresh token twice.
    automaticSilentRenew: false,
    silentRequestTimeoutInSeconds: 15,
    // Sign-in pages need room for a form; the browser limits it to the screen.
    popupWindowFeatures: { width: 480, height: 720, location: false, toolbar: false, menubar: false },
  })
