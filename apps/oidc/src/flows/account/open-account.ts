import { type Account, findAccountById, readSessionSignIn } from '@daytona-auth/db/users'
import { ACR, type Acr, satisfiesAcr } from '@daytona-auth/protocol/authentication-context'
import { Denial } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ACCOUNT_CLIENT_ID } from '../../first-party.ts'
import { noteCaller } from '../../provider/caller.ts'
import { ROUTES } from '../../provider/endpoint-paths.ts'
import { isFromOurPages } from '../interaction/csrf.ts'
import type { InteractionContext } from '../interaction/interaction-context.ts'
import { forged, STALE } from '../interaction/page-errors.ts'
import { FRESH_SECONDS } from '../interaction/step-authority.ts'
import { readViewer, type Viewer } from '../interaction/viewer.ts'
import { AccountFields, AccountQuery } from './fields.ts'

/** The account and browser session for which a page is opened. */
export interface OpenAccount {
  readonly account: Account
  readonly viewer: NonNullable<Viewer>
}

/** More than a person has; those beyond it are ended by the next request. */
export const MAX_SESSIONS = 1000

/** The forms of the account pages have one token, bound to the account and session. */
const UID = 'account'

/**
 * Opens a page of the account that is signed in to this browser. Otherwise redirects to the sign-in page, which leads back
 * to `path`, and returns undefined. A cancelled sign-in is not repeated.
 */
export async function openAccount(
  interactionContext: InteractionContext,
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
): Promise<OpenAccount | undefined> {
  const { context, database } = interactionContext
  const viewer = await readViewer(context.provider(), request, reply)
  const account = viewer && (await findAccountById(database, viewer.userId))
  // A session that began without the second factor of its account is not one of the account's owner.
  const isStrong = !account?.hasSecondFactor || satisfiesAcr(viewer?.acr, [ACR.trustedBrowser])
  if (viewer && account && !account.disabledAt && isStrong) {
    noteCaller(request.raw, { principal: 'user', userId: viewer.userId })
    return { account, viewer }
  }
  if (AccountQuery.parse(request.query).error !== '') {
    interactionContext.send(reply.code(401), 'error', {
      heading: 'You are not signed in',
      sentence: 'The sign-in was cancelled.',
      back: { href: path, host: undefined, label: 'Go back to your account' },
    })
    return undefined
  }
  redirectToSignIn(context.config.ISSUER, reply, path)
  return undefined
}

/** Redirects to the sign-in page, which leads back to `path`. `maxAge`: in seconds, how long ago the sign-in may be. `acr`: how strong it must be. */
export function redirectToSignIn(
  issuer: string,
  reply: FastifyReply,
  path: string,
  maxAge?: number,
  acr?: Acr,
): FastifyReply {
  const query = new URLSearchParams({
    client_id: ACCOUNT_CLIENT_ID,
    response_type: 'none',
    redirect_uri: `${issuer}${path}`,
    scope: 'openid',
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(acr !== undefined && { acr_values: acr }),
  })
  return reply.header('cache-control', 'no-store').redirect(`${ROUTES.authorization}?${query}`, 303)
}

/**
 * Whether the sign-in of this session is recent, with the second factor that the account has. Otherwise redirects to the
 * sign-in page, which leads back to `path`. The transaction of a change confirms it again.
 */
export async function requireFreshSignIn(
  { context, database }: InteractionContext,
  { account, viewer: { userId, sessionUid } }: OpenAccount,
  reply: FastifyReply,
  path: string,
): Promise<boolean> {
  const signIn = await readSessionSignIn(database, userId, sessionUid)
  const isStrong = !account.hasSecondFactor || signIn?.acr === ACR.multiFactor
  if (signIn && isStrong && context.now() - signIn.signedInAt <= FRESH_SECONDS * 1000) return true
  // One second less: the provider compares whole seconds, and would redirect back without a sign-in.
  const acr = account.hasSecondFactor ? ACR.multiFactor : undefined
  redirectToSignIn(context.config.ISSUER, reply, path, FRESH_SECONDS - 1, acr)
  return false
}

/** Returns the action and the CSRF token of a form. */
export const accountForm = ({ csrf }: InteractionContext, { viewer }: OpenAccount, action: string) => ({
  action,
  csrf: csrf.issue(UID, viewer),
})

/**
 * Reads a form of an account page.
 * @throws Denial 403 unless our own page sent it; 409 if that page was opened for another account or session
 */
export function readAccountForm(
  { csrf, context }: InteractionContext,
  request: FastifyRequest,
  { viewer }: OpenAccount,
): z.output<typeof AccountFields> {
  const form = AccountFields.parse(request.body ?? {})
  if (!isFromOurPages(request.headers, context.config.ISSUER)) throw forged('foreign origin')
  const verdict = csrf.check(UID, viewer, form.csrf)
  if (verdict === 'forged') throw forged('bad csrf token')
  if (verdict === 'stale') throw new Denial(409, STALE, { code: 'stale_page', cause: 'page of another session' })
  return form
}
