import { isEmailAddress } from '@daytona-auth/accounts/email-address'
import { domainOf, isId, normalizeEmail } from '@daytona-auth/db/core'
import { findMappedGroups } from '@daytona-auth/db/organizations'
import { FIRST_SIGN_IN_VERSION } from '@daytona-auth/db/users'
import { boundedText, Denial } from '@daytona-auth/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import { shownHost } from '../../pages/client.ts'
import type { Sentence } from '../../pages/german/german.ts'
import type { Message } from '../../pages/language.ts'
import { noteCaller } from '../../provider/caller.ts'
import { interactionPath } from '../../provider/endpoint-paths.ts'
import { type Upstream, UpstreamError, type UpstreamFailure, type UpstreamPerson } from '../../upstream/upstream.ts'
import { parseFields } from '../interaction/fields.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { type OpenInteraction, openInteraction } from '../interaction/open.ts'
import { GONE, STALE } from '../interaction/page-errors.ts'
import { type CompletedSignIn, finishSignIn, sendRequiredProvider } from '../sign-in/finish-sign-in.ts'
import { sendSecondFactor } from '../sign-in/second-factor-page.ts'
import { sendSignIn } from '../sign-in/sign-in-page.ts'
import { authTimeOf, demandsOf, isRecentEnough } from '../upstream-link/freshness.ts'
import { keepPendingLink } from '../upstream-link/pending-link.ts'
import { createUpstreamAttempts, type UpstreamAttempt } from './attempt.ts'
import { recordUpstreamSignIn, signInUpstream, type UpstreamSignIn } from './sign-in-upstream.ts'

/** A longer or repeated value counts as empty: then the response is not of a provider. */
const text = (max: number) => boundedText({ max }).catch('')

export const UpstreamPath = z.object({ uid: boundedText({ max: 64 }), name: boundedText({ max: 64 }) })
export const CallbackPath = z.object({ name: boundedText({ max: 64 }) })
/** The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207). Others are dropped. */
export const CallbackQuery = z.object({ state: text(64), code: text(4096), iss: text(2048), error: text(128) })

/**
 * Registers the sign-in with upstream providers: the form that begins it, the callback that the provider redirects to, and
 * the page of the interaction that ends it. The callback has no cookie of the interaction, so it only redirects.
 */
export function upstreamRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context, origin, limits } = interactionContext
  const { ISSUER: issuer, COOKIE_KEYS: cookieKeys, SESSION_ABSOLUTE_TTL } = context.config
  const attempts = createUpstreamAttempts({ issuer, cookieKeys, now: context.now })
  const sessionSeconds = Math.floor(SESSION_ABSOLUTE_TTL / 1000)
  const redirectUriOf = (name: string) => `${issuer}/oauth/upstream/${name}/callback`

  app.post('/oauth/interaction/:uid/upstream/:name', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    interactionContext.readForm(request, interaction)
    return start(await upstreamOf(request), interaction.loginHint, interaction, request, reply)
  })

  app.post('/oauth/interaction/:uid/organization', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const email = interactionContext.readForm(request, interaction).field('email')
    const domain = isEmailAddress(normalizeEmail(email)) ? domainOf(email) : ''
    const upstream = domain === '' ? undefined : await context.organizationUpstreams.ofDomain(domain)
    if (upstream) return start(upstream, normalizeEmail(email), interaction, request, reply)
    return sendSignIn(interactionContext, reply.code(400), interaction, { email, problem: NO_ORGANIZATION })
  })

  /** Begins a sign-in with a provider, and leads the browser there. */
  async function start(
    upstream: Upstream,
    loginHint: string,
    interaction: OpenInteraction,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { state, nonce, codeVerifier } = attempts.begin(request, reply, upstream.name, interaction)
    try {
      const href = await upstream.authorizationUrl({
        redirectUri: redirectUriOf(upstream.name),
        state,
        nonce,
        codeVerifier,
        loginHint,
        ...demandsOf(interaction, sessionSeconds),
      })
      // A page and no redirect: browsers compare the redirect after a form with the page's `form-action`.
      return interactionContext.send(reply, 'leave', {
        refresh: href.href,
        clientName: upstream.label,
        back: { href: href.href, host: shownHost(href.href) },
      })
    } catch (error) {
      attempts.end(reply, state)
      return sendFailure(error, upstream, interaction, request, reply)
    }
  }

  app.get('/oauth/upstream/:name/callback', async (request, reply) => {
    const { name } = parseFields(CallbackPath, request.params)
    const query = CallbackQuery.parse(request.query)
    const attempt = attempts.find(request, name, query.state)
    if (!attempt) throw new Denial(400, GONE, { cause: 'state of no attempt of this browser' })
    const path = `${interactionPath(attempt.uid)}/upstream/${name}/callback`
    return reply.header('cache-control', 'no-store').redirect(`${path}?${responseOf(query)}`, 303)
  })

  app.get('/oauth/interaction/:uid/upstream/:name/callback', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const upstream = await upstreamOf(request)
    const query = CallbackQuery.parse(request.query)
    const attempt = attempts.find(request, upstream.name, query.state)
    if (attempt?.uid !== interaction.uid) throw new Denial(400, GONE, { cause: 'state of no attempt of this browser' })
    attempts.end(reply, attempt.state)
    if (!attempts.isOf(attempt, interaction.viewer)) {
      throw new Denial(409, STALE, { code: 'stale_page', cause: 'attempt of another session' })
    }
    const secrets = attempts.secretsOf(attempt)
    if (!secrets) throw new Denial(400, GONE, { cause: 'attempt of a removed cookie key' })
    const slot = await limits.upstream(request.ip)
    if (!slot.allowed) return sendTooMany(slot.retryAfterSeconds, interaction, reply)
    try {
      const person = await upstream.identify(responseOf(query), {
        redirectUri: redirectUriOf(upstream.name),
        state: attempt.state,
        ...secrets,
      })
      const answer = await signInPerson({ upstream, interaction, attempt, person }, request, reply)
      if (answer.isSignedIn) slot.succeeded()
      return answer.reply
    } catch (error) {
      return sendFailure(error, upstream, interaction, request, reply)
    }
  })

  interface Identified {
    readonly upstream: Upstream
    readonly interaction: OpenInteraction
    readonly attempt: UpstreamAttempt
    readonly person: UpstreamPerson
  }

  async function signInPerson(
    { upstream, interaction, attempt, person }: Identified,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ readonly isSignedIn: boolean; readonly reply: FastifyReply }> {
    const { label } = upstream
    const now = context.now()
    const refuse = async (problem: Message) => ({
      isSignedIn: false,
      reply: await sendSignIn(interactionContext, reply.code(400), interaction, { problem }),
    })
    if (!isRecentEnough(interaction, { authTime: person.authTime, startedAt: attempt.startedAt, now })) {
      return refuse({
        sentence: '{upstream} did not confirm that you have signed in again. Use your password.',
        values: { upstream: label },
      })
    }
    const signedInAt = authTimeOf(person.authTime, Math.floor(now / 1000), sessionSeconds)
    const mappedGroups = await readMappedGroups(person, request)
    const signIn: UpstreamSignIn = {
      person: { ...person, mappedGroups },
      clientId: interaction.clientId,
      ...origin(request),
    }
    const outcome = await context.metrics.countAttempt('sign-in', signInUpstream(interactionContext, signIn))
    switch (outcome.kind) {
      case 'signed-in':
        if (outcome.account.hasSecondFactor) return askSecondFactor(outcome.account)
        await recordUpstreamSignIn(interactionContext, outcome.account, signIn)
        return finish(outcome.account)
      case 'signed-up':
        return finish({ userId: outcome.userId, signInVersion: FIRST_SIGN_IN_VERSION })
      case 'proof-needed':
        keepPendingLink(interactionContext, reply, interaction, {
          upstream: upstream.name,
          label,
          issuer: person.issuer,
          subject: person.subject,
          organizationId: person.organizationId,
          mappedGroups,
          session: person.session,
          email: outcome.email,
        })
        return { isSignedIn: false, reply: reply.redirect(interaction.paths.signIn, 303) }
      case 'required':
        return {
          isSignedIn: false,
          reply: await sendRequiredProvider(interactionContext, reply, interaction, outcome.email, outcome.provider),
        }
      case 'wrong':
        return refuse(
          outcome.why === 'disabled' ? DISABLED : { sentence: PERSONS[outcome.why], values: { upstream: label } },
        )
      case 'too-many':
        return { isSignedIn: false, reply: await sendTooMany(outcome.retryAfterSeconds, interaction, reply) }
    }

    /** The upstream provider counts as one factor, also if it states that it has checked several. */
    async function askSecondFactor({ userId, signInVersion }: SignedIn) {
      const { issuer, subject, organizationId, session } = person
      const identity = { issuer, subject, organizationId, mappedGroups, session, signedInAt }
      const ticket = interactionContext.tickets.issue(interaction.uid, { userId, signInVersion, identity })
      const page = await sendSecondFactor(interactionContext, reply, interaction, { ticket, userId })
      return { isSignedIn: true, reply: page }
    }

    async function finish({ userId, signInVersion }: SignedIn) {
      noteCaller(request.raw, { userId })
      // Without `amr` and `acr`, unless the operator trusts the provider: how it authenticated the person is its own statement.
      const page = await finishSignIn(interactionContext, request, reply, interaction, {
        userId,
        signInVersion,
        signedInAt: signedInAt * 1000,
        methods: person.trustedMethods,
        identity: person,
      })
      return { isSignedIn: true, reply: page }
    }
  }

  /** Only the groups with roles: they are kept while the person proves an account or enters a second factor. */
  async function readMappedGroups({ organizationId, groups }: UpstreamPerson, request: FastifyRequest) {
    if (organizationId === undefined || !groups) return undefined
    if (groups.problem) request.log.warn({ organizationId, why: groups.problem }, 'upstream groups not read')
    return findMappedGroups(interactionContext.database, organizationId, groups.names)
  }

  async function upstreamOf(request: FastifyRequest): Promise<Upstream> {
    const { name } = parseFields(UpstreamPath, request.params)
    // Names of the deployment's providers have no underscore.
    const upstream = isId('org', name)
      ? await context.organizationUpstreams.ofOrganization(name)
      : context.upstreams.get(name)
    if (!upstream) throw new Denial(404, 'Not found', { cause: 'no such upstream provider' })
    return upstream
  }

  function sendTooMany(seconds: number, interaction: OpenInteraction, reply: FastifyReply) {
    reply.code(429).header('retry-after', String(seconds))
    return sendSignIn(interactionContext, reply, interaction, { problem: tooManyAttempts(seconds) })
  }

  /** Sends the sign-in page after a failure of the provider, so that the user can choose another way. */
  function sendFailure(
    error: unknown,
    upstream: Upstream,
    interaction: OpenInteraction,
    request: FastifyRequest,
    reply: FastifyReply,
  ) {
    if (!(error instanceof UpstreamError)) throw error
    const { failure, message } = error
    const level = failure === 'cancelled' ? 'info' : 'warn'
    request.log[level]({ upstream: upstream.name, failure, why: message }, 'upstream sign-in failed')
    reply.code(failure === 'unavailable' ? 503 : 400)
    return sendSignIn(interactionContext, reply, interaction, {
      problem: { sentence: PROBLEMS[failure], values: { upstream: upstream.label } },
    })
  }
}

type SignedIn = Pick<CompletedSignIn, 'userId' | 'signInVersion'>

/** The parameters that the response has. */
const responseOf = (query: z.output<typeof CallbackQuery>): URLSearchParams =>
  new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))

const PROBLEMS: Readonly<Record<UpstreamFailure, Sentence>> = {
  cancelled: 'You did not sign in with {upstream}. Try again, or use your password.',
  refused: '{upstream} did not sign you in. Try again, or use your password.',
  invalid: 'The answer of {upstream} could not be verified. Try again, or use your password.',
  unavailable: '{upstream} does not answer at the moment. Try again later, or use your password.',
}

/** Why a person of a provider gets no account and opens none. */
const PERSONS = {
  unverified: '{upstream} has not verified your email address. Verify it there, or create an account with a password.',
  'foreign-domain': '{upstream} cannot sign in this email address: its organization has not verified the domain.',
} as const satisfies Record<string, Sentence>

const NO_ORGANIZATION = 'No organization has a sign-in of its own for this email address. Use your password.'

const DISABLED = 'Your account is disabled. Contact the people who run this service.'
