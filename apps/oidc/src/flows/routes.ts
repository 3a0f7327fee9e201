import { setImmediate } from 'node:timers/promises'
import { passwordChecker } from '@daytona-auth/accounts/password-checker'
import { passwordHasher } from '@daytona-auth/accounts/password-hashing'
import { acceptForms } from '@daytona-auth/service'
import type { FastifyPluginAsync } from 'fastify'
import { createSignInLimits } from '../limits/sign-in-limits.ts'
import { assetRoutes } from '../pages/assets.ts'
import { createPageRenderer, type Pages, pageFrameOf, type RenderPage } from '../pages/pages.ts'
import { accountRoutes } from './account/routes.ts'
import { consentRoutes, DENIED, sendConsent } from './consent/routes.ts'
import { emailChangeRoutes } from './email-change/routes.ts'
import { emailVerificationRoutes } from './email-verification/routes.ts'
import { factorResetRoutes } from './factor-reset/routes.ts'
import { factorRoutes } from './factors/routes.ts'
import { createInteractionContext } from './interaction/interaction-context.ts'
import { finishInteraction, openInteraction } from './interaction/open.ts'
import type { PageContext } from './interaction/page-context.ts'
import { createPageErrorHandler } from './interaction/page-errors.ts'
import { invitationRoutes } from './invitation/routes.ts'
import { passkeyAccountRoutes } from './passkeys/account-routes.ts'
import { passkeySignInRoutes } from './passkeys/sign-in.ts'
import { recoveryRoutes } from './recovery/routes.ts'
import { enrollmentRoutes } from './sign-in/enrollment-routes.ts'
import { signInRoutes } from './sign-in/routes.ts'
import { secondFactorRoutes } from './sign-in/second-factor-routes.ts'
import { sendSignIn } from './sign-in/sign-in-page.ts'
import { upstreamReturn } from './sign-out/upstream-return.ts'
import { sendSignUp, signUpRoutes } from './sign-up/routes.ts'
import { linkedSignInPage } from './upstream/linked-sign-ins.ts'
import { upstreamRoutes } from './upstream/routes.ts'

/** Well above the longest password, name and list of organizations together. */
const FORM_LIMIT_BYTES = 64 * 1024

/**
 * The pages that ask for a new password. Its check starts while the person types: on a slow machine, the form would
 * otherwise exceed `HANDLER_TIMEOUT` after each start of the process.
 */
const NEW_PASSWORD_PAGES: ReadonlySet<keyof Pages> = new Set([
  'sign-up',
  'invitation-sign-up',
  'take-over',
  'new-password',
  'account-password',
])

/**
 * Registers the pages of an interaction: sign-in, sign-up, consent, and their assets. The pages are below
 * `/oauth/interaction/<uid>`. The provider sets a cookie for that path, so that two tabs do not interfere. Pages linked
 * from mails need no such cookie.
 */
export const interactions: FastifyPluginAsync<PageContext> = async (app, context) => {
  const { config, metrics, now } = context
  const unfinished = new Set<Promise<unknown>>()
  const hasher = passwordHasher({
    concurrency: config.PASSWORD_HASHING_CONCURRENCY,
    maxQueued: config.PASSWORD_HASHING_QUEUE,
    onHashed: metrics.recordHashingTime,
  })
  metrics.observeHasher(hasher)
  const checker = passwordChecker()
  app.addHook('onClose', () => checker.close())
  const frame = pageFrameOf(config)
  const renderPage = createPageRenderer(frame)
  const render: RenderPage = (name, page) => {
    if (NEW_PASSWORD_PAGES.has(name)) checker.prepare()
    return renderPage(name, page)
  }
  const interactionContext = createInteractionContext({
    context,
    render,
    hasher,
    checker,
    limits: createSignInLimits({
      windowMs: config.FAILED_SIGN_INS_WINDOW,
      perPair: config.FAILED_SIGN_INS_LIMIT,
      perAddress: config.FAILED_SIGN_INS_ADDRESS_LIMIT,
      perAccount: config.FAILED_SIGN_INS_ACCOUNT_LIMIT,
      signUpsPerAddress: config.SIGN_UPS_ADDRESS_LIMIT,
      now,
      share: context.share,
    }),
    runAfterResponse(work) {
      // Starts after the response was written, so that the work does not show in its time.
      const settled = setImmediate()
        .then(work)
        .catch((error: unknown) => app.log.error({ err: error }, 'work after a response failed'))
        .finally(() => unfinished.delete(settled))
      unfinished.add(settled)
    },
  })
  app.addHook('onClose', async () => {
    await Promise.all(unfinished)
  })

  app.setErrorHandler(createPageErrorHandler(render))
  app.addHook('onRoute', (route) => {
    route.bodyLimit ??= FORM_LIMIT_BYTES
  })
  // Forms only: other types that a page may send without a CORS preflight are not parsed.
  app.removeAllContentTypeParsers()
  acceptForms(app)
  await app.register(assetRoutes, { assets: frame.assets })

  app.get('/oauth/interaction/:uid', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    switch (interaction.prompt) {
      case 'consent':
        return sendConsent(interactionContext, reply, interaction)
      case 'create':
        return sendSignUp(interactionContext, reply, interaction)
      default:
        return sendSignIn(interactionContext, reply, interaction)
    }
  })
  app.post('/oauth/interaction/:uid/cancel', async (request, reply) => {
    interactionContext.readForm(request, await openInteraction(context, request, reply))
    return finishInteraction(context, request, reply, DENIED)
  })
  signInRoutes(app, interactionContext)
  secondFactorRoutes(app, interactionContext)
  enrollmentRoutes(app, interactionContext)
  signUpRoutes(app, interactionContext)
  upstreamRoutes(app, interactionContext)
  upstreamReturn(app, context)
  linkedSignInPage(app, interactionContext)
  consentRoutes(app, interactionContext)
  invitationRoutes(app, interactionContext, render)
  emailVerificationRoutes(app, interactionContext, render)
  recoveryRoutes(app, interactionContext, render)
  factorResetRoutes(app, interactionContext, render)
  accountRoutes(app, interactionContext)
  emailChangeRoutes(app, interactionContext, render)
  factorRoutes(app, interactionContext)
  passkeySignInRoutes(app, interactionContext)
  passkeyAccountRoutes(app, interactionContext)
}
