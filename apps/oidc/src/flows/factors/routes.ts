import { readTotpCode, totpStepOf } from '@daytona-auth/accounts/totp'
import {
  findFactorReset,
  findSecondFactors,
  listPasskeys,
  listTrustedBrowsers,
  type TrustedBrowser,
} from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ACCOUNT_PAGES } from '../../pages/account-pages.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import { showBrowser } from '../../pages/show-browser.ts'
import { createAccountPages, redirectToPage } from '../account/account-page.ts'
import { type OpenAccount, readAccountForm, requireFreshSignIn } from '../account/open-account.ts'
import { cancelOwnReset } from '../factor-reset/cancel-reset.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { createTotpSetUps, type StartedSetUp, showTotpSetUp } from '../second-factor/totp-set-up.ts'
import { addTotpFactor, createNewRecoveryCodes, removeSecondFactors, untrustBrowser } from './factor-changes.ts'

const { factors: FACTORS, totp: TOTP } = ACCOUNT_PAGES

/**
 * Registers the account pages of second factors: what there is, the set-up of an authenticator app, and recovery codes. They
 * work without JavaScript. Every change needs a recent sign-in.
 */
export function factorRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context, database, now, origin } = interactionContext
  const setUps = createTotpSetUps(context.config.SIGNING_KEYS_SECRET, now)
  const purposeOf = ({ viewer: { userId, sessionUid } }: OpenAccount) => `account ${userId} ${sessionUid}`

  const { page, frame } = createAccountPages(app, interactionContext, DONE)
  const frameOf = (open: OpenAccount, request: FastifyRequest, action: string, problem?: Message) => ({
    ...frame(open, request, action, problem),
    page: FACTORS,
  })

  page(
    FACTORS,
    async (open, request, reply) => {
      const { totp, recoveryCodes } = await findSecondFactors(database, open.account.userId)
      const browsers = await listTrustedBrowsers(database, open.account.userId)
      return interactionContext.send(reply, 'account-factors', {
        ...frameOf(open, request, FACTORS),
        totpSince: totp?.createdAt.toISOString(),
        recoveryCodes,
        hasPasskeys: (await listPasskeys(database, open.account.userId)).length > 0,
        passkeys: ACCOUNT_PAGES.passkeys,
        browsers: browsers.map(showTrust),
        setUp: TOTP,
        removedAt: (await findFactorReset(database, open.account.userId))?.endsAt.toISOString(),
      })
    },
    async (open, request, reply) => {
      const { decision, browser } = readAccountForm(interactionContext, request, open)
      // Less access for a browser, so that an older sign-in is enough.
      if (decision === 'untrust') {
        await untrustBrowser(interactionContext, open, Buffer.from(browser, 'base64url'), origin(request))
        return redirectToPage(reply, FACTORS, 'untrusted')
      }
      if (decision === 'keep') {
        await cancelOwnReset(interactionContext, open, origin(request))
        return redirectToPage(reply, FACTORS, 'kept')
      }
      if (!(await requireFreshSignIn(interactionContext, open, reply, FACTORS))) return reply
      if (decision === 'remove') {
        await removeSecondFactors(interactionContext, open, origin(request), request.log)
        return redirectToPage(reply, FACTORS, 'removed')
      }
      if (decision !== 'codes') return redirect(reply, FACTORS)
      const codes = await createNewRecoveryCodes(interactionContext, open, origin(request), request.log)
      return codes ? sendCodes(open, request, reply, codes) : redirect(reply, FACTORS)
    },
  )

  page(
    TOTP,
    async (open, request, reply) => {
      if (await hasApp(open)) return redirect(reply, FACTORS)
      if (!(await requireFreshSignIn(interactionContext, open, reply, TOTP))) return reply
      return sendSetUp(open, request, reply, await setUps.start(purposeOf(open)))
    },
    async (open, request, reply) => {
      const form = readAccountForm(interactionContext, request, open)
      if (await hasApp(open)) return redirect(reply, FACTORS)
      if (!(await requireFreshSignIn(interactionContext, open, reply, TOTP))) return reply
      const secret = await setUps.open(purposeOf(open), form.set_up)
      // Another session or too much time: a new secret.
      if (secret === undefined) return redirect(reply, TOTP)
      const code = readTotpCode(form.code)
      const step = code === undefined ? undefined : totpStepOf(secret, code, now())
      if (step === undefined) {
        return sendSetUp(open, request, reply.code(400), { secret, encrypted: form.set_up }, WRONG)
      }
      const codes = await addTotpFactor(interactionContext, open, { secret, step }, origin(request), request.log)
      return sendCodes(open, request, reply, codes)
    },
  )

  const hasApp = async ({ account }: OpenAccount) => (await findSecondFactors(database, account.userId)).totp !== null

  const sendSetUp = (
    open: OpenAccount,
    request: FastifyRequest,
    reply: FastifyReply,
    setUp: StartedSetUp,
    problem?: Message,
  ): FastifyReply =>
    interactionContext.send(reply, 'account-totp', {
      ...frameOf(open, request, TOTP, problem),
      ...showTotpSetUp(setUp, open.account.email, context.config),
      back: FACTORS,
    })

  const sendCodes = (
    open: OpenAccount,
    request: FastifyRequest,
    reply: FastifyReply,
    codes: readonly string[],
  ): FastifyReply =>
    interactionContext.send(reply, 'account-recovery-codes', {
      ...frameOf(open, request, FACTORS),
      codes,
      back: FACTORS,
    })
}

function showTrust({ digest, userAgent, createdAt, expiresAt }: TrustedBrowser) {
  return {
    id: Buffer.from(digest).toString('base64url'),
    browser: showBrowser(userAgent),
    trustedAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }
}

/** Redirects to a page after its form: 303, so that the form is not sent again. */
const redirect = (reply: FastifyReply, path: string): FastifyReply =>
  reply.header('cache-control', 'no-store').redirect(path, 303)

const DONE: Readonly<Record<string, Sentence>> = {
  untrusted: 'The trust in that browser has ended.',
  kept: 'The removal was cancelled. Your second factors stay.',
  removed: 'The authenticator app was removed. Every other session and app has to sign in again.',
}

const WRONG = 'That code is wrong. Enter the code that your app shows now, and check the clock of your device.'
