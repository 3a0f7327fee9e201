import type { KoaContextWithOIDC } from 'oidc-provider'

/** Where a sign-out is to lead. The library has compared it with the client's registered addresses, or dropped it. */
export function landingOf({ oidc }: KoaContextWithOIDC): string | undefined {
  const { post_logout_redirect_uri: registered, state } = oidc.params ?? {}
  if (typeof registered !== 'string') return undefined
  const landing = new URL(registered)
  if (typeof state === 'string') landing.searchParams.set('state', state)
  return landing.href
}
