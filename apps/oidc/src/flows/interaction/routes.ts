import { setImmediate } from 'node:timers/promises'
import { passwordChecker } from '@daytona-auth/accounts/password-checker'
import { passwordHasher } from '@daytona-auth/accounts/password-hashing'
import { acceptForms } from '@daytona-auth/service'
import type { FastifyPluginAsync } from 'fastify'
import type { PageContext } from '../../page-context.ts'
import { assets } from '../../pages/assets.ts'
import { pageRenderer } from '../../pages/pages.ts'
import { consentRoutes, DENIED, sendConsent } from '../consent/routes.ts'
import { emailVerificationRoutes } from '../email-verification/routes.ts'
import { invitationRoutes } from '../invitation/routes.ts'
import { signInLimits } from '../sign-in/limits.ts'
import { sendSignIn, signInRoutes } from '../sign-in/routes.ts'
import { signUpRoutes } from '../sign-up/routes.ts'
import { createInteractionContext } from './interaction-context.ts'
import { finishInteraction, openInteraction } from './open.ts'
import { pageErrorHandler } from './page-errors.ts'

/** Far more than the longest password, name and list of organizations. */
const FORM_LIMIT_BYTES = 64 * 1024

/**
 * The pages on which a person answers the provider: sign-in, sign-up, consent, and their stylesheet. All of that is
 * below `/oauth/interaction/<uid>`, for whose browser the provider has set a cookie on that very path, so that two
 * tabs do not meet. The pages that mails lead to need no such start.
 */
export const interactions: FastifyPluginAsync<PageContext> = async (app, context) => {
  const { config, metrics, now } = context
  const unfinished = new Set<Promise<unknown>>()
  const render = pageRenderer(config.ISSUER)
  const hasher = passwordHasher({
    concurrency: config.PASSWORD_HASHING_CONCURRENCY,
    maxQueued: config.PASSWORD_HASHING_QUEUE,
    onHashed: metrics.hashed,
  })
  metrics.watchHashing(hasher)
  const checker = passwordChecker()
  app.addHook('onClose', () => checker.close())
  const interactionContext = createInteractionContext({
    context,
    render,
    hasher,
    checker,
    limits: signInLimits({
      windowMs: config.FAILED_SIGN_INS_WINDOW,
      perPair: config.FAILED_SIGN_INS_LIMIT,
      perAddress: config.FAILED_SIGN_INS_ADDRESS_LIMIT,
      signUpsPerAddress: config.SIGN_UPS_ADDRESS_LIMIT,
      now,
      share: context.share,
    }),
    runAfterResponse(work) {
      // Begun when the answer has been written: what follows it must not show in its time.
      const settled = setImmediate()
        .then(work)
        .catch((error: unknown) => app.log.error({ err: error }, 'what follows an answer failed'))
        .finally(() => unfinished.delete(settled))
      unfinished.add(settled)
    },
  })
  app.addHook('onClose', async () => {
    await Promise.all(unfinished)
  })

  app.setErrorHandler(pageErrorHandler(render))
  app.addHook('onRoute', (route) => {
    route.bodyLimit ??= FORM_LIMIT_BYTES
  })
  // Forms and nothing else: what a page may send without being asked first (CORS) is read as nothing else either.
  app.removeAllContentTypeParsers()
  acceptForms(app)
  await app.register(assets)

  app.get('/oauth/interaction/:uid', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const send = interaction.prompt === 'consent' ? sendConsent : sendSignIn
    return send(interactionContext, reply, interaction)
  })
  app.post('/oauth/interaction/:uid/cancel', async (request, reply) => {
    interactionContext.readForm(request, await openInteraction(context, request, reply))
    return finishInteraction(context, request, reply, DENIED)
  })
  signInRoutes(app, interactionContext)
  signUpRoutes(app, interactionContext)
  consentRoutes(app, interactionContext)
  invitationRoutes(app, interactionContext, render)
  emailVerificationRoutes(app, interactionContext, render)
}
