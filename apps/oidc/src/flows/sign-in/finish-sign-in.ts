import { normalizeEmail, type UserId } from '@daytona-auth/db/core'
import { findAccountById, findMissingProvider, type Identity, type RequiredProvider } from '@daytona-auth/db/users'
import { ACR, type Acr, type Amr, acrOf, satisfiesAcr } from '@daytona-auth/protocol/authentication-context'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { createLogin, finishInteraction, type InteractionResult, type OpenInteraction } from '../interaction/open.ts'
import { completePendingLink } from '../upstream-link/complete-link.ts'
import { readPendingLink } from '../upstream-link/pending-link.ts'
import { sendSignIn } from './sign-in-page.ts'

/** A sign-in whose last step was right. */
export interface CompletedSignIn {
  readonly userId: UserId
  /** That of the account as it was read for the check of the last step: see `endPendingSignIns`. */
  readonly signInVersion: number
  /** The `auth_time` of the session, in milliseconds since the epoch. */
  readonly signedInAt: number
  /** Undefined if only another provider states how the person signed in. */
  readonly methods: readonly Amr[] | undefined
  /** By default that of the methods. */
  readonly acr?: Acr | undefined
  /** The account at another provider that the user has signed in with. */
  readonly identity?: Identity | undefined
}

/** The result for the provider, or the identity provider that the user has to sign in with instead. */
type Completion =
  | { readonly result: InteractionResult }
  | { readonly missing: RequiredProvider; readonly email: string; readonly result?: undefined }

/**
 * Ends every sign-in, and continues to the app. If an organization requires its identity provider for the address, and the
 * sign-in was not with it, the sign-in page offers that instead.
 */
export async function finishSignIn(
  interactionContext: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: OpenInteraction,
  signIn: CompletedSignIn,
): Promise<FastifyReply> {
  const completion = await completeSignIn(interactionContext, request, reply, interaction, signIn)
  if (completion.result) return finishInteraction(interactionContext.context, request, reply, completion.result)
  return sendRequiredProvider(interactionContext, reply, interaction, completion.email, completion.missing)
}

/** Links the identity that waits in the interaction, and returns the result of the sign-in. */
export async function completeSignIn(
  interactionContext: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: OpenInteraction,
  { userId, signInVersion, signedInAt, methods, acr = methods && acrOf(methods), ...given }: CompletedSignIn,
): Promise<Completion> {
  const { database } = interactionContext
  const linked = await completePendingLink(interactionContext, request, reply, interaction, userId)
  const identity = linked ?? given.identity
  const account = await findAccountById(database, userId)
  const missing = account && (await findMissingProvider(database, account.email, { identity, isStrong: isStrong(acr) }))
  if (missing) return { missing, email: account.email }
  return { result: createLogin(userId, signedInAt, { methods, acr, identity, signInVersion }) }
}

/** Whether a sign-in included a second factor, at most thirty days ago in this browser. */
const isStrong = (acr: Acr | undefined): boolean => satisfiesAcr(acr, [ACR.trustedBrowser])

/** Sends the sign-in page with the identity provider that the organization of an address requires. */
export function sendRequiredProvider(
  interactionContext: InteractionContext,
  reply: FastifyReply,
  interaction: OpenInteraction,
  email: string,
  { name }: RequiredProvider,
): Promise<FastifyReply> {
  return sendSignIn(interactionContext, reply.code(403), interaction, {
    email,
    required: name,
    problem: { sentence: 'Your organization requires that you sign in with {upstream}.', values: { upstream: name } },
  })
}

/**
 * Returns the identity that waits in an interaction for the proof of the account with this address: its person has signed in
 * with that provider a short time ago.
 */
export function pendingIdentity(
  interactionContext: InteractionContext,
  request: FastifyRequest,
  { uid }: Pick<OpenInteraction, 'uid'>,
  email: string,
): Identity | undefined {
  const link = readPendingLink(interactionContext, request, uid)
  return link && normalizeEmail(link.email) === normalizeEmail(email) ? link : undefined
}
