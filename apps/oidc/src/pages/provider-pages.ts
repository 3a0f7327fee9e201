import { shownName } from '@daytona-auth/accounts/shown-name'
import { showClient, shownHost } from './client.ts'
import type { ErrorPage, ProviderPages, WayBack } from './page-content.ts'
import { createPageRenderer, type PageFrame, type Pages, type ShownWayBack } from './pages.ts'
import { showScopes } from './scopes.ts'

/** Creates the renderer of oidc-provider's documents, with the same templates as our own pages. */
export function createProviderPages(frame: PageFrame): ProviderPages {
  const render = createPageRenderer(frame)
  const shown = (name: string | undefined) => (name === undefined ? undefined : shownName(name))
  return {
    error: (page) => render('error', { ...explain(page), back: shownBack(page.back) }),
    leave: ({ href, clientName }) =>
      render('leave', { refresh: href, clientName: shown(clientName), back: { href, host: shownHost(href) } }),
    signOut: ({ clientName, ...form }) => render('sign-out', { ...form, clientName: shown(clientName) }),
    signedOut: ({ clientName, back }) => render('signed-out', { clientName: shown(clientName), back: shownBack(back) }),
    switchAccount: (form) => render('switch-account', form),
    deviceCode: (page) => render('device-code', page),
    deviceConfirmation: ({ client, scopes, userAgent, ...page }) =>
      render('device-confirmation', {
        ...page,
        client: showClient(client, undefined),
        scopes: showScopes(scopes, client),
        userAgent: shownName(userAgent),
      }),
    deviceAnswered: ({ allowed, clientName }) => render('device-answered', { allowed, clientName: shown(clientName) }),
  }
}

const shownBack = (back: WayBack | undefined): ShownWayBack | undefined =>
  back && { ...back, host: shownHost(back.href) }

/**
 * Whether a library error is about an outdated form: a user signed in or out in this browser after it was opened, or a
 * newer page has such a form.
 */
export const isOutOfDate = (description: string | undefined): boolean =>
  /^xsrf token invalid|^could not find .* details/.test(description ?? '')

/** Returns the text for the user, who can only go back, and the error code for the app's developer. */
function explain({ statusCode, error, description, advice }: ErrorPage): Omit<Pages['error'], 'back'> {
  const detail = { code: error, description }
  if (statusCode >= 500) {
    return { heading: 'Something went wrong on our side', sentence: 'Please try again in a moment.', code: error }
  }
  // Caused by the user, so there is no code for the app's developer.
  if (statusCode === 429) return { heading: 'Please wait', sentence: advice ?? 'Too many attempts.' }
  if (isOutOfDate(description)) {
    return {
      heading: 'This page is out of date',
      sentence:
        'Someone signed in or out in this browser after you opened it, or it is open twice. Nothing was changed. Open it again.',
    }
  }
  if (/session|expired/i.test(description ?? '')) {
    return {
      heading: 'This sign-in has expired',
      sentence: 'It was already completed or took too long. Go back to the app and start again.',
      ...detail,
    }
  }
  // A mistyped or outdated address: no app is to blame.
  if (statusCode === 404) return { heading: 'Nothing here', sentence: 'This page does not exist.' }
  return {
    heading: 'This request cannot continue',
    sentence: 'The app that sent you here made a request that we cannot accept. Nothing was shared with it.',
    ...detail,
  }
}
