import type { Language } from '@daytona-auth/accounts/language/language'
import type { PasswordChecker } from '@daytona-auth/accounts/password-checker'
import type { PasswordHasher } from '@daytona-auth/accounts/password-hashing'
import { userAgentOf } from '@daytona-auth/service'
import { createTotpSecrets, type TotpSecrets } from '@daytona-auth/signing-keys/totp-secrets'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SignInLimits } from '../../limits/sign-in-limits.ts'
import { pageHeaders } from '../../pages/headers.ts'
import { languageOf } from '../../pages/language.ts'
import type { Pages, RenderPage } from '../../pages/pages.ts'
import { sendPage } from '../../pages/send-page.ts'
import { createChallenges } from '../webauthn/challenges.ts'
import { createRelyingParty, type RelyingParty } from '../webauthn/relying-party.ts'
import { type CsrfTokens, createCsrfTokens } from './csrf.ts'
import { readForm } from './form.ts'
import { createKnownBrowsers, type KnownBrowsers } from './known-browser.ts'
import type { OpenInteraction } from './open.ts'
import type { PageContext } from './page-context.ts'
import { notePageDenial } from './page-errors.ts'
import { createSignInTickets, type SignInTickets } from './sign-in-ticket.ts'

/** Dependencies and helpers that the routes of an interaction share. */
export interface InteractionContext {
  readonly context: PageContext
  readonly database: PageContext['database']
  readonly hasher: PasswordHasher
  readonly checker: PasswordChecker
  readonly limits: SignInLimits
  readonly csrf: CsrfTokens
  readonly tickets: SignInTickets
  readonly totpSecrets: TotpSecrets
  readonly relyingParty: RelyingParty
  readonly knownBrowsers: KnownBrowsers
  /** The codes of second factors that may be tried for an account, from any address. */
  readonly attempts: { readonly limit: number; readonly windowMs: number }
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Runs work after the response, so that it does not delay it. Closing the server waits for it. */
  runAfterResponse(work: () => Promise<unknown>): void
  /** Reads the fields of a form. @throws Denial 403 or 409 unless our page of this interaction and session sent it */
  readForm(request: FastifyRequest, interaction: OpenInteraction): ReturnType<typeof readForm>
  /** Returns the action and the CSRF token of a form. */
  form(interaction: OpenInteraction, action: string): { readonly action: string; readonly csrf: string }
  /** Returns the address and user agent of a request, for limits and the audit trail, and the language of its mails. */
  origin(request: FastifyRequest): {
    readonly address: string
    readonly userAgent: string | null
    readonly language: Language
  }
  send<Name extends keyof Pages>(reply: FastifyReply, name: Name, page: Pages[Name]): FastifyReply
}

/** The pages with a script. */
const SCRIPTED: ReadonlySet<keyof Pages> = new Set([
  'sign-in',
  'second-factor',
  'enrollment',
  'passkey',
  'account-passkeys',
])

export interface InteractionContextOptions {
  readonly context: PageContext
  readonly render: RenderPage
  readonly hasher: PasswordHasher
  readonly checker: PasswordChecker
  readonly limits: SignInLimits
  readonly runAfterResponse: (work: () => Promise<unknown>) => void
}

export function createInteractionContext({
  context,
  render,
  hasher,
  checker,
  limits,
  runAfterResponse,
}: InteractionContextOptions): InteractionContext {
  const csrf: CsrfTokens = createCsrfTokens(context.config.COOKIE_KEYS)
  return {
    context,
    database: context.database,
    hasher,
    checker,
    limits,
    csrf,
    tickets: createSignInTickets(context.config.COOKIE_KEYS, context.now),
    relyingParty: createRelyingParty(context.config, createChallenges(context.config.COOKIE_KEYS, context.now)),
    knownBrowsers: createKnownBrowsers(context.config, context.provider, context.now),
    totpSecrets: createTotpSecrets(context.config.SIGNING_KEYS_SECRET),
    attempts: { limit: context.config.FAILED_SIGN_INS_LIMIT, windowMs: context.config.FAILED_SIGN_INS_WINDOW },
    now: context.now,
    runAfterResponse,
    readForm: (request, interaction) => readForm(request, interaction, { csrf, origin: context.config.ISSUER }),
    form: ({ uid, viewer }, action) => ({ action, csrf: csrf.issue(uid, viewer) }),
    origin: ({ ip, headers, raw }) => ({ address: ip, userAgent: userAgentOf(headers), language: languageOf(raw) }),
    send: (reply, name, page) => {
      notePageDenial(reply, name, page)
      return sendPage(reply.headers(pageHeaders(undefined, { script: SCRIPTED.has(name) })), render(name, page))
    },
  }
}
