import type { KoaContextWithOIDC } from 'oidc-provider'

/** Returns the URL after a sign-out. The library has matched it with the client's registered URIs, or dropped it. */
export function readLandingUrl({ oidc }: KoaContextWithOIDC): string | undefined {
  const { post_logout_redirect_uri: registered, state } = oidc.params ?? {}
  if (typeof registered !== 'string') return undefined
  const landing = new URL(registered)
  if (typeof state === 'string') landing.searchParams.set('state', state)
  return landing.href
}
