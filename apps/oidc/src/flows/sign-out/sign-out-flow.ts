import type { ProviderPages } from '../../pages/page-content.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import { readLibraryForm } from '../../provider/endpoints/library-form.ts'
import type { SignOutFlow } from '../../provider/flows.ts'
import { completeSignOutWithoutSession } from './already-signed-out.ts'
import { isHintOfSession, signOutAtOnce } from './hinted.ts'
import { endSignedOutApp } from './one-app.ts'
import { continueSignOutUpstream, type UpstreamSignOutOptions } from './upstream-sign-out.ts'

/** Creates the sign-out flow: our pages instead of the library's, and the sign-outs that need no confirmation. */
export function createSignOutFlow(
  pages: Pick<ProviderPages, 'signOut' | 'signedOut'>,
  upstream: UpstreamSignOutOptions,
): SignOutFlow {
  return {
    feature: {
      enabled: true,
      async logoutSource(ctx) {
        if (isHintOfSession(ctx)) return signOutAtOnce(ctx)
        const form = readLibraryForm(ctx, 'end_session_confirm')
        respondWithPage(ctx, pages.signOut({ ...form, clientName: ctx.oidc.client?.clientName }))
      },
      postLogoutSuccessSource(ctx) {
        respondWithPage(ctx, pages.signedOut({ clientName: ctx.oidc.client?.clientName }))
      },
    },
    middleware: (grants) => [
      continueSignOutUpstream(upstream),
      completeSignOutWithoutSession(pages),
      endSignedOutApp(grants),
    ],
  }
}
