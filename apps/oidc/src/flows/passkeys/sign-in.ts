import type { Language } from '@daytona-auth/accounts/language/language'
import { auditEntry, inAudit, recordAudit } from '@daytona-auth/db/audit'
import {
  type Account,
  cancelFactorReset,
  findAccountById,
  findMissingProvider,
  findPasskey,
  type Identity,
  keepLanguage,
  type Passkey,
  type RequiredProvider,
  recordPasskeyUse,
} from '@daytona-auth/db/users'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { tooManyAttempts } from '../../limits/attempt-limit.ts'
import type { Message } from '../../pages/language.ts'
import { noteCaller } from '../../provider/caller.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { type OpenInteraction, openInteraction } from '../interaction/open.ts'
import { StepEnded, stepAuthority } from '../interaction/step-authority.ts'
import { passkeyMethods } from '../second-factor/turn-on.ts'
import { cancelledResetEntry } from '../sign-in/cancelled-reset-entry.ts'
import { finishSignIn, pendingIdentity, sendRequiredProvider } from '../sign-in/finish-sign-in.ts'
import { OTHER_PROVIDER } from '../sign-in/sign-in.ts'
import { passkeySignInPurpose } from '../sign-in/sign-in-page.ts'

interface PasskeyAttempt {
  /** The JSON of the browser. */
  readonly response: string
  readonly purpose: string
  /** Returns the identity that a sign-in to the account of an address proves it for. */
  readonly identityOf: (email: string) => Identity | undefined
  readonly clientId: string
  readonly address: string
  readonly userAgent: string | null
  /** The language of the page. */
  readonly language: Language
}

type PasskeyOutcome =
  | { readonly kind: 'signed-in'; readonly passkey: Passkey; readonly account: Account }
  /** The organization of the address requires its identity provider. */
  | { readonly kind: 'required'; readonly email: string; readonly provider: RequiredProvider }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/**
 * Registers the page that signs in with a passkey, without an address or a password. It needs JavaScript. The sign-in page
 * links to it, and sends its form if the browser offers passkeys in the field of the address.
 */
export function passkeySignInRoutes(app: FastifyInstance, interactionContext: InteractionContext): void {
  const { context, database, limits, now, origin, relyingParty, runAfterResponse } = interactionContext

  app.get('/oauth/interaction/:uid/passkey', async (request, reply) =>
    show(reply, await openInteraction(context, request, reply)),
  )

  app.post('/oauth/interaction/:uid/passkey', async (request, reply) => {
    const interaction = await openInteraction(context, request, reply)
    const form = interactionContext.readForm(request, interaction)
    const attempt = signIn({
      response: form.field('response'),
      purpose: passkeySignInPurpose(interaction),
      identityOf: (email) => pendingIdentity(interactionContext, request, interaction, email),
      clientId: interaction.clientId,
      ...origin(request),
    })
    const outcome = await context.metrics.countAttempt('sign-in', attempt)
    switch (outcome.kind) {
      case 'signed-in': {
        const { userId, email, signInVersion } = outcome.account
        noteCaller(request.raw, { userId })
        interactionContext.knownBrowsers.remember(request, reply, email)
        return finishSignIn(interactionContext, request, reply, interaction, {
          userId,
          signInVersion,
          signedInAt: now(),
          methods: passkeyMethods(outcome.passkey),
        })
      }
      case 'too-many':
        reply.code(429).header('retry-after', String(outcome.retryAfterSeconds))
        return show(reply, interaction, tooManyAttempts(outcome.retryAfterSeconds))
      case 'required':
        return sendRequiredProvider(interactionContext, reply, interaction, outcome.email, outcome.provider)
      case 'wrong':
        return show(reply.code(400), interaction, WRONG)
    }
  })

  const show = async (reply: FastifyReply, interaction: OpenInteraction, problem?: Message) =>
    interactionContext.send(reply, 'passkey', {
      ...interactionContext.form(interaction, interaction.paths.passkey),
      client: interaction.client,
      options: await relyingParty.authenticationOptions(passkeySignInPurpose(interaction)),
      problem,
      signIn: interaction.paths.signIn,
      cancel: interaction.paths.cancel,
    })

  /** Checks the signature of a passkey. The attempt counts for the address before, because a signature costs processor time. */
  async function signIn(attempt: PasskeyAttempt): Promise<PasskeyOutcome> {
    const { response, purpose, address } = attempt
    const slot = await limits.passkey(address)
    if (!slot.allowed) return { kind: 'too-many', retryAfterSeconds: slot.retryAfterSeconds }
    try {
      const id = relyingParty.credentialIdOf(response)
      const passkey = id === undefined ? undefined : await findPasskey(database, id)
      const account = passkey && (await findAccountById(database, passkey.userId))
      if (!passkey || !account) return { kind: 'wrong' }
      const counter = await relyingParty.verifyAuthentication(purpose, response, passkey)
      const identity = attempt.identityOf(account.email)
      const provider = await findMissingProvider(database, account.email, { identity, isStrong: true })
      if (counter !== undefined && provider) {
        runAfterResponse(() => recordAudit(database, entryOf(account, attempt, OTHER_PROVIDER)))
        return { kind: 'required', email: account.email, provider }
      }
      if (counter === undefined || !(await record(account, passkey, counter, attempt))) {
        runAfterResponse(() => recordAudit(database, entryOf(account, attempt, 'Wrong passkey')))
        return { kind: 'wrong' }
      }
      slot.succeeded()
      return { kind: 'signed-in', passkey, account }
    } catch (error) {
      if (error instanceof StepEnded) return { kind: 'wrong' }
      slot.undecided()
      throw error
    }
  }

  const record = (account: Account, passkey: Passkey, counter: number, attempt: PasskeyAttempt) =>
    inAudit<false | { readonly hasCancelledReset: boolean }>(
      database,
      stepAuthority('passkey', { userId: account.userId }),
      (recorded) =>
        recorded
          ? [
              entryOf(account, attempt),
              ...(recorded.hasCancelledReset ? [cancelledResetEntry(account, attempt, 'sign-in')] : []),
            ]
          : [],
      async (tx) => {
        if (!(await recordPasskeyUse(tx, passkey, counter, 'nothing'))) return false
        await keepLanguage(tx, account, attempt.language)
        // A passkey that signs in is not lost.
        return { hasCancelledReset: await cancelFactorReset(tx, account.userId) }
      },
    )
}

const entryOf = (account: Account, { address, userAgent, clientId }: PasskeyAttempt, problem?: string) =>
  auditEntry('user.sign_in', {
    organizationId: account.personalOrganizationId,
    actorId: problem === undefined ? account.userId : null,
    actorEmail: account.email,
    targetId: account.userId,
    statusCode: problem === undefined ? 200 : 401,
    ...(problem !== undefined && { errorMessage: problem }),
    ipAddress: address,
    userAgent,
    source: 'provider',
    metadata: { clientId, factor: 'passkey' },
  })

const WRONG = 'This passkey was not accepted. Try again, or sign in with your password.'
