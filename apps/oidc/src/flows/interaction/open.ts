import { findOidcClient } from '@daytona-auth/db'
import { boundedText, Refusal } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors, type default as Provider } from 'oidc-provider'
import { z } from 'zod'
import type { PageContext } from '../../page-context.ts'
import { type ShownClient, showClient } from '../../pages/client.ts'
import { interactionPath } from '../../provider/configuration/configuration.ts'
import { AskingDevice } from '../../provider/storage/device-codes.ts'
import { noteCaller } from './caller.ts'
import { parseFields } from './fields.ts'
import { GONE } from './page-errors.ts'
import { readViewer, type Viewer } from './viewer.ts'

/** An authorization that waits for a person: what the provider keeps of it, read anew at each request. */
export interface OpenInteraction {
  readonly uid: string
  readonly prompt: string
  readonly clientId: string
  readonly client: ShownClient
  /** Asked for, as the provider has accepted it. */
  readonly scopes: readonly string[]
  readonly loginHint: string
  /** The other device that it is for, which showed a code (RFC 8628): the browser is sent nowhere afterwards. */
  readonly device: AskingDevice | undefined
  /** Who is signed in, by the live session of the browser and nothing else. */
  readonly viewer: Viewer
  readonly paths: InteractionPaths
}

export interface InteractionPaths {
  readonly start: string
  readonly signIn: string
  readonly signUp: string
  readonly consent: string
  readonly cancel: string
}

export type InteractionResult = Parameters<ReturnType<PageContext['provider']>['interactionResult']>[2]

/**
 * The interaction of the URL, which the browser must hold the cookie of: so nobody can be led into a stranger's.
 * @throws Refusal 400 when it has expired, is over, or belongs to another browser, session or account
 */
export async function openInteraction(
  { provider, database }: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<OpenInteraction> {
  const { uid } = parseFields(InteractionPath, request.params)
  const details = await provider().interactionDetails(request.raw, reply.raw).catch(rethrow)
  if (details.uid !== uid) throw new Refusal(400, GONE, { cause: 'cookie of another interaction' })

  const params = InteractionParams.parse(details.params)
  const row = await findOidcClient(database, params.client_id)
  if (!row) throw new Refusal(400, GONE, { cause: 'client is gone' })

  const viewer = await readViewer(provider(), request, reply)
  const { session } = details
  // The library compares with the session that the interaction names, whichever the browser has. One begun while nobody
  // was signed in names none: its forms do, see `readForm`.
  if (session?.accountId !== undefined && !isOpenedFor(session, viewer)) {
    throw new Refusal(400, GONE, { cause: 'session is not the one that the interaction was opened for' })
  }
  const userId = viewer?.userId
  noteCaller(request.raw, { principal: 'user', clientId: row.id, ...(userId !== undefined && { userId }) })

  const start = interactionPath(uid)
  return {
    uid,
    prompt: details.prompt.name,
    clientId: row.id,
    client: showClient(
      {
        id: row.id,
        name: row.name,
        firstParty: row.firstParty,
        native: row.type === 'native',
        homepageUri: row.homepageUri ?? undefined,
      },
      params.redirect_uri,
    ),
    scopes: params.scope.split(' ').filter((scope) => scope !== ''),
    loginHint: params.login_hint,
    viewer,
    device: details.deviceCode === undefined ? undefined : await deviceOf(provider(), details.deviceCode),
    paths: {
      start,
      signIn: `${start}/sign-in`,
      signUp: `${start}/sign-up`,
      consent: `${start}/consent`,
      cancel: `${start}/cancel`,
    },
  }
}

/** The library takes the uid away when somebody is about to switch accounts: then the forms alone name the session. */
const isOpenedFor = ({ accountId, uid }: { accountId: string; uid?: string }, viewer: Viewer): boolean =>
  viewer?.userId === accountId && (uid === undefined || uid === viewer.sessionUid)

/** Who asked for the code that the interaction refers to. */
async function deviceOf({ DeviceCode }: Provider, reference: string): Promise<AskingDevice> {
  const code = await DeviceCode.find(reference, { ignoreExpiration: true })
  if (!code) throw new Refusal(400, GONE, { cause: 'device code is gone' })
  return AskingDevice.parse(code.deviceInfo)
}

/** Hands the answer to the provider and the browser back to it: 303, so that the form is never sent on. */
export async function finishInteraction(
  { provider }: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
  result: InteractionResult,
): Promise<FastifyReply> {
  // Never with an earlier answer: a sign-in that was used once must not come back with a runAfterResponse consent.
  const merge = { mergeWithLastSubmission: false }
  const location = await provider().interactionResult(request.raw, reply.raw, result, merge)
  return reply.header('cache-control', 'no-store').redirect(location, 303)
}

/**
 * The result of a password that was found right at `now`, in milliseconds since the epoch: that instant is the
 * `auth_time` of the session (OIDC Core §2), however long the pages that follow take.
 */
export const passwordLogin = (accountId: string, now: number): InteractionResult => ({
  login: { accountId, amr: ['pwd'], ts: Math.floor(now / 1000) },
})

const MAX_PARAMETER = 64 * 1024

export const InteractionPath = z.object({ uid: boundedText({ max: 64 }) })

/** What the provider has accepted; its own limit is that of a URL or of a body. */
export const InteractionParams = z.object({
  client_id: boundedText({ max: MAX_PARAMETER }),
  redirect_uri: boundedText({ max: MAX_PARAMETER }).optional(), // none for a device
  scope: boundedText({ max: MAX_PARAMETER }).default(''),
  // Whatever an app sends here is shown in the form: only what could be an address.
  login_hint: boundedText({ max: 254 }).catch(''),
})

/** The library's own "no such session" is an ordinary refusal; anything else is a fault and stays one. */
function rethrow(error: unknown): never {
  if (!(error instanceof errors.SessionNotFound)) throw error
  throw new Refusal(400, GONE, { cause: error.error_description })
}
