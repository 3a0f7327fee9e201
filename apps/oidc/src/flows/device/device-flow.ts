import { networkOf } from '@daytona-auth/service'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ProviderConfig } from '../../config.ts'
import { AttemptsInMemory, createAttemptLimit, tooManyAttempts } from '../../limits/attempt-limit.ts'
import { createNamedAttemptLimits, type ShareAttempts } from '../../limits/shared-attempts.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import type { ProviderPages } from '../../pages/page-content.ts'
import { isOutOfDate } from '../../pages/provider-pages.ts'
import { respondWithPage } from '../../pages/send-page.ts'
import { ROUTES } from '../../provider/endpoint-paths.ts'
import { readLibraryForm } from '../../provider/endpoints/library-form.ts'
import type { DeviceFlow } from '../../provider/flows.ts'
import { isFirstParty, isNative } from '../../provider/policy/policy.ts'
import { requestContext } from '../../provider/request-context.ts'
import { AskingDevice } from '../../provider/storage/device-codes.ts'
import { isFromOurPages } from '../interaction/csrf.ts'

/** The interval between two polls of a device (RFC 8628 §3.2). */
const INTERVAL_SECONDS = 5
/** Network jitter may bring two polls closer together. */
const LEEWAY_SECONDS = 1
/** Eight of twenty consonants, which are unambiguous and form no words: 34 bits. */
const MASK = '****-****'

const LONGEST_USER_AGENT = 200

export interface DeviceFlowOptions {
  readonly pages: Pick<ProviderPages, 'error' | 'deviceCode' | 'deviceConfirmation' | 'deviceAnswered'>
  readonly config: Pick<
    ProviderConfig,
    'ISSUER' | 'FAILED_SIGN_INS_WINDOW' | 'DEVICE_CODES_ADDRESS_LIMIT' | 'USER_CODE_GUESSES_ADDRESS_LIMIT'
  >
  readonly now: () => number
  /** Without it, each process counts separately. */
  readonly share?: ShareAttempts | undefined
}

/**
 * Creates the device flow (RFC 8628): the library's configuration, and the parts that it lacks. The library has no
 * polling interval, does not limit guesses, and would submit the code of `verification_uri_complete` by script.
 */
export function createDeviceFlow({ pages, config, now, share }: DeviceFlowOptions): DeviceFlow {
  const limitOf = createNamedAttemptLimits({ windowMs: config.FAILED_SIGN_INS_WINDOW, now, share })
  // Each outstanding code makes a correct guess more likely.
  const codes = limitOf('device-code-address', config.DEVICE_CODES_ADDRESS_LIMIT)
  const guesses = limitOf('user-code-address', config.USER_CODE_GUESSES_ADDRESS_LIMIT)

  async function authorizeDevice(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    const waitSeconds = await codes.take(networkOf(ctx.ip))
    if (waitSeconds !== undefined) {
      ctx.status = 429
      ctx.set({ 'retry-after': String(waitSeconds), 'cache-control': 'no-store' })
      ctx.body = { error: 'slow_down', error_description: 'too many device codes were requested from this address' }
      return
    }
    await next()
    if (ctx.status === 200) ctx.body = { ...(ctx.body as object), interval: INTERVAL_SECONDS }
  }

  /**
   * Fills in the code of the link without submitting it: the user still compares it with the device's (RFC 8628 §5.4).
   */
  function showForm(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    const { user_code: userCode } = ctx.query
    if (typeof userCode === 'string') requestContext(ctx).linkedUserCode = userCode
    ctx.query = {}
    return next()
  }

  async function takeForm(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    if (!isFromOurPages(ctx.req.headers, config.ISSUER)) return refuse(403, 'form was not sent from our page')
    const from = networkOf(ctx.ip)
    const waitSeconds = await guesses.take(from)
    if (waitSeconds !== undefined) {
      ctx.set('retry-after', String(waitSeconds))
      return refuse(429, 'too many wrong codes from this address', tooManyAttempts(waitSeconds))
    }
    await next()
    if (ctx.oidc?.entities.DeviceCode) guesses.giveBack(from)

    function refuse(statusCode: number, description: string, advice?: Message): void {
      requestContext(ctx).denialReason = description
      ctx.status = statusCode
      respondWithPage(ctx, pages.error({ statusCode, error: 'invalid_request', description, advice }))
    }
  }

  return {
    polls: createAttemptLimit(
      new AttemptsInMemory({ limit: 1, windowMs: (INTERVAL_SECONDS - LEEWAY_SECONDS) * 1000, now }),
    ),
    middleware(ctx, next) {
      if (ctx.path === ROUTES.device_authorization) return authorizeDevice(ctx, next)
      if (ctx.path !== ROUTES.code_verification) return next()
      return ctx.method === 'POST' ? takeForm(ctx, next) : showForm(ctx, next)
    },
    feature: {
      enabled: true,
      charset: 'base-20',
      mask: MASK,
      deviceInfo: (ctx): AskingDevice => ({
        address: ctx.ip,
        userAgent: ctx.get('user-agent').slice(0, LONGEST_USER_AGENT),
      }),

      userCodeInputSource(ctx, _form, _out, error) {
        const { session } = ctx.oidc
        if (error && session && isNew(session)) {
          // The form's session has ended. The library would fail to save the new session that it began for the response.
          Object.assign(session, { touched: false })
          ctx.status = 400
          requestContext(ctx).denialReason = 'form of an ended session'
          const page = pages.error({
            statusCode: 400,
            error: 'invalid_request',
            description: 'could not find device form details',
            back: { href: ctx.oidc.urlFor('code_verification') },
          })
          return respondWithPage(ctx, page)
        }
        if (error?.message === ABORTED) {
          return respondWithPage(ctx, pages.deviceAnswered({ allowed: false, clientName: undefined }))
        }
        // The library responds to a wrong code with status 200.
        if (error && ctx.status === 200) ctx.status = 400
        if (error) requestContext(ctx).denialReason = error.message
        const sent = error && 'userCode' in error ? error.userCode : requestContext(ctx).linkedUserCode
        const page = pages.deviceCode({
          ...readLibraryForm(ctx, 'code_verification'),
          userCode: typeof sent === 'string' && LIKE_A_USER_CODE.test(sent) ? sent.toUpperCase() : '',
          problem: error && problemOf(error),
        })
        respondWithPage(ctx, page)
      },

      userCodeConfirmSource(ctx, _form, client, deviceInfo, userCode) {
        const { DeviceCode: code } = ctx.oidc.entities
        const { scope } = code?.params ?? {}
        const page = pages.deviceConfirmation({
          ...readLibraryForm(ctx, 'code_verification'),
          userCode,
          client: {
            id: client.clientId,
            name: client.clientName,
            firstParty: isFirstParty(client),
            native: isNative(client),
            homepageUri: client.clientUri,
          },
          scopes: typeof scope === 'string' ? scope.split(' ') : [],
          ...AskingDevice.parse(deviceInfo),
        })
        respondWithPage(ctx, page)
      },

      successSource(ctx) {
        respondWithPage(ctx, pages.deviceAnswered({ allowed: true, clientName: ctx.oidc.client?.clientName }))
      },
    },
  }
}

/** The library's types lack this member. */
const isNew = (session: object): boolean => 'new' in session && session.new === true

const LIKE_A_USER_CODE = /^[A-Za-z]{4}[- ]?[A-Za-z]{4}$/

function problemOf({ message, error_description: description }: DescribedError): Message {
  if (isOutOfDate(description ?? message)) return OUT_OF_DATE
  return PROBLEMS[message] ?? 'That did not work. Enter the code again.'
}

interface DescribedError extends Error {
  readonly error_description?: string | undefined
}

const OUT_OF_DATE =
  'That page was out of date: someone signed in or out in this browser after you opened it. Enter the code again.'

/** The message of the library's error after a denial. It exports none of these errors, and a bundler may change their names. */
const ABORTED = 'the interaction was aborted'

/** Our messages by those of the library's errors. */
const PROBLEMS: Readonly<Record<string, Sentence>> = {
  'no code submitted': 'Enter the code that your device shows.',
  'the code was not found': 'No device shows this code. Compare it with the one on your device.',
  'the code has expired': 'This code has expired. Start again on your device.',
  'code has already been used': 'This code has been used already. Start again on your device.',
}
