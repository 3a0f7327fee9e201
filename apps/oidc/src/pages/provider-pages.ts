import { showScopes } from '../consent/scopes.ts'
import type { ErrorPage, ProviderPages } from '../page-context.ts'
import { plain, showClient } from './client.ts'
import { pageRenderer } from './pages.ts'

/** The documents that oidc-provider has to send, from the same templates as our own pages. */
export function providerPages(issuer: string): ProviderPages {
  const render = pageRenderer(issuer)
  const shown = (name: string | undefined) => (name === undefined ? undefined : plain(name))
  return {
    error: (page) => render('error', explain(page)),
    signOut: ({ clientName, ...form }) => render('sign-out', { ...form, clientName: shown(clientName) }),
    signedOut: ({ clientName }) => render('signed-out', { clientName: shown(clientName) }),
    switchAccount: (form) => render('switch-account', form),
    deviceCode: (page) => render('device-code', page),
    deviceConfirmation: ({ client, scopes, userAgent, ...page }) =>
      render('device-confirmation', {
        ...page,
        client: showClient(client, undefined),
        scopes: showScopes(scopes, client),
        userAgent: plain(userAgent),
      }),
    deviceAnswered: ({ allowed, clientName }) => render('device-answered', { allowed, clientName: shown(clientName) }),
  }
}

/** Words for the person, who can do little but go back; the code and its description for the app's developer. */
function explain({ statusCode, error, description }: ErrorPage) {
  const detail = { code: error, description }
  if (statusCode >= 500) {
    return { heading: 'Something went wrong on our side', sentence: 'Please try again in a moment.', code: error }
  }
  // Of a person's own doing, and nothing that an app's developer could mend.
  if (statusCode === 429) return { heading: 'Please wait', sentence: description ?? 'Too many attempts.' }
  if (/session|expired/i.test(description ?? '')) {
    return {
      heading: 'This sign-in has expired',
      sentence: 'It was completed already or took too long. Go back to the app and start again.',
      ...detail,
    }
  }
  return {
    heading: 'This request cannot continue',
    sentence: 'The app that sent you here made a request that we cannot accept. Nothing was shared with it.',
    ...detail,
  }
}
