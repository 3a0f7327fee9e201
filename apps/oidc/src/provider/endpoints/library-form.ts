import type { KoaContextWithOIDC } from 'oidc-provider'

/** The library's own forms: the confirmation of a sign-out, and the entry of a user code. */
type FormRoute = 'end_session_confirm' | 'code_verification'

/** Returns the action and the token of a form of the library, which has just stored the token in the session. */
export function readLibraryForm({ oidc }: KoaContextWithOIDC, route: FormRoute): { action: string; xsrf: string } {
  const xsrf = oidc.session?.state?.['secret']
  if (typeof xsrf !== 'string') throw new Error(`the session has no token for the form ${route}`)
  return { action: oidc.urlFor(route), xsrf }
}
