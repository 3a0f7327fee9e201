import { type ActiveResourceServer, findActiveResourceServer, findOidcClient } from '@daytona-auth/db/clients'
import type { Database } from '@daytona-auth/db/core'
import type { Identity } from '@daytona-auth/db/users'
import { ACR, type Acr, type Amr, satisfiesAcr } from '@daytona-auth/protocol/authentication-context'
import { boundedText, Denial } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors, type default as Provider } from 'oidc-provider'
import { z } from 'zod'
import { type ShownClient, showClient } from '../../pages/client.ts'
import { noteUiLocales } from '../../pages/language.ts'
import { noteCaller } from '../../provider/caller.ts'
import { interactionPath } from '../../provider/endpoint-paths.ts'
import { readRequestedAcr } from '../../provider/policy/requested-acr.ts'
import { AskingDevice } from '../../provider/storage/device-codes.ts'
import { parseFields } from './fields.ts'
import type { PageContext } from './page-context.ts'
import { GONE } from './page-errors.ts'
import { readViewer, type Viewer } from './viewer.ts'

/** An authorization that waits for its user: the provider's record, read again for each request. */
export interface OpenInteraction {
  readonly uid: string
  readonly prompt: string
  readonly clientId: string
  readonly client: ShownClient
  /** The requested scopes, as accepted by the provider. */
  readonly scopes: readonly string[]
  /** The API with its own audience that the app requests access to; undefined for our own API. */
  readonly resource: ActiveResourceServer | undefined
  readonly loginHint: string
  /** Whether the app asked for a sign-in with a second factor, so that the trust in a browser does not replace it. */
  readonly needsSecondFactor: boolean
  /** Whether the app asked for more than a password, and whether it gets no code without it. */
  readonly needsMoreThanPassword: boolean
  readonly requiresMoreThanPassword: boolean
  /** The prompts that the app requested, such as `login`. */
  readonly prompts: readonly string[]
  /** In seconds, how long ago the app allows the sign-in to be. */
  readonly maxAge: number | undefined
  /** The device that showed the code (RFC 8628); then the browser is not redirected to an app. */
  readonly device: AskingDevice | undefined
  /** The user who is signed in, by the browser's live session only. */
  readonly viewer: Viewer
  readonly paths: InteractionPaths
}

export interface InteractionPaths {
  readonly start: string
  readonly signIn: string
  readonly secondFactor: string
  readonly enrollment: string
  readonly passkey: string
  readonly signUp: string
  readonly consent: string
  readonly cancel: string
  readonly organization: string
  /** Followed by the name of an upstream provider. */
  readonly upstream: string
}

export type InteractionResult = Parameters<ReturnType<PageContext['provider']>['interactionResult']>[2]

/**
 * Opens the interaction of the URL. The browser must hold its cookie, so that a user cannot be lured into an attacker's
 * interaction. @throws Denial 400 if it has expired, is completed, or belongs to another browser, session or account
 */
export async function openInteraction(
  { provider, database, config }: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<OpenInteraction> {
  const { uid } = parseFields(InteractionPath, request.params)
  const details = await provider().interactionDetails(request.raw, reply.raw).catch(rethrow)
  if (details.uid !== uid) throw new Denial(400, GONE, { cause: 'cookie of another interaction' })

  const params = InteractionParams.parse(details.params)
  noteUiLocales(request.raw, params.ui_locales)
  const row = await findOidcClient(database, params.client_id)
  if (!row) throw new Denial(400, GONE, { cause: 'client was deleted' })

  const viewer = await readViewer(provider(), request, reply)
  const { session } = details
  // The library compares the interaction with the session that it names, not with the browser's. An interaction begun
  // without a session names none; then its form tokens do: see `readForm`.
  if (session?.accountId !== undefined && !isOpenedFor(session, viewer)) {
    throw new Denial(400, GONE, { cause: 'session is not the one that the interaction was opened for' })
  }
  const userId = viewer?.userId
  noteCaller(request.raw, { principal: 'user', clientId: row.id, ...(userId !== undefined && { userId }) })

  const { preferred, required } = readRequestedAcr(details.params)
  const reaches = (acr: Acr) => [preferred, required ?? []].every((values) => satisfiesAcr(acr, values))
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
        registration: row.registration,
      },
      params.redirect_uri,
    ),
    scopes: params.scope.split(' ').filter((scope) => scope !== ''),
    resource: await findResource(database, params.resource, config.API_AUDIENCE),
    loginHint: params.login_hint,
    needsSecondFactor: !reaches(ACR.trustedBrowser),
    needsMoreThanPassword: !reaches(ACR.password),
    requiresMoreThanPassword: !satisfiesAcr(ACR.password, required ?? []),
    prompts: params.prompt.split(' ').filter((prompt) => prompt !== ''),
    maxAge: params.max_age,
    viewer,
    device: details.deviceCode === undefined ? undefined : await deviceOf(provider(), details.deviceCode),
    paths: {
      start,
      signIn: `${start}/sign-in`,
      secondFactor: `${start}/second-factor`,
      enrollment: `${start}/enrollment`,
      passkey: `${start}/passkey`,
      signUp: `${start}/sign-up`,
      consent: `${start}/consent`,
      cancel: `${start}/cancel`,
      organization: `${start}/organization`,
      upstream: `${start}/upstream`,
    },
  }
}

/** The library removes the uid while a user switches accounts; then only the form token names the session. */
const isOpenedFor = ({ accountId, uid }: { accountId: string; uid?: string }, viewer: Viewer): boolean =>
  viewer?.userId === accountId && (uid === undefined || uid === viewer.sessionUid)

/** Returns the device that requested the interaction's code. */
async function deviceOf({ DeviceCode }: Provider, reference: string): Promise<AskingDevice> {
  const code = await DeviceCode.find(reference, { ignoreExpiration: true })
  if (!code) throw new Denial(400, GONE, { cause: 'device code was deleted' })
  return AskingDevice.parse(code.deviceInfo)
}

/** Finds the requested API, as of now. @throws Denial 400 if it was deleted or disabled since the request */
async function findResource(
  database: Database,
  identifier: string | undefined,
  audience: string,
): Promise<ActiveResourceServer | undefined> {
  if (identifier === undefined || identifier === audience) return undefined
  const found = await findActiveResourceServer(database, identifier)
  if (!found) throw new Denial(400, GONE, { cause: 'the requested API was deleted or disabled' })
  return found
}

/** Passes the result to the provider and redirects the browser to it: 303, so that the form is not sent again. */
export async function finishInteraction(
  context: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
  result: InteractionResult,
): Promise<FastifyReply> {
  const location = await storeResult(context, request, reply, result)
  return reply.header('cache-control', 'no-store').redirect(location, 303)
}

/** Passes the result to the provider. Returns the location at which the browser continues. */
export const storeResult = (
  { provider }: PageContext,
  request: FastifyRequest,
  reply: FastifyReply,
  result: InteractionResult,
): Promise<string> =>
  // Never merged with an earlier result: a used sign-in must not count again with a later consent.
  provider().interactionResult(request.raw, reply.raw, result, { mergeWithLastSubmission: false })

/**
 * Returns the result of a sign-in that was completed at `now` in milliseconds since the epoch. That time becomes the
 * session's `auth_time` (OIDC Core §2), regardless of how long the following pages take. `identity`: the account at another
 * provider that the user has signed in with. `signInVersion`: that of the account when the sign-in was checked.
 */
export const createLogin = (
  accountId: string,
  now: number,
  {
    methods,
    acr,
    identity,
    signInVersion,
  }: {
    readonly methods: readonly Amr[] | undefined
    readonly acr: Acr | undefined
    readonly identity: Identity | undefined
    readonly signInVersion: number
  },
): InteractionResult => ({
  login: {
    accountId,
    ...(methods && { amr: [...methods] }),
    ...(acr !== undefined && { acr }),
    ts: Math.floor(now / 1000),
    signInVersion,
    ...(identity && {
      identity: {
        issuer: identity.issuer,
        subject: identity.subject,
        organizationId: identity.organizationId,
        session: identity.session,
      },
    }),
  },
})

const MAX_PARAMETER = 64 * 1024

export const InteractionPath = z.object({ uid: boundedText({ max: 64 }) })

/** The parameters that the provider has accepted. Its own limit is that of a URL or a body. */
export const InteractionParams = z.object({
  client_id: boundedText({ max: MAX_PARAMETER }),
  redirect_uri: boundedText({ max: MAX_PARAMETER }).optional(), // none for a device
  scope: boundedText({ max: MAX_PARAMETER }).default(''),
  resource: boundedText({ max: MAX_PARAMETER }).optional().catch(undefined), // several: our own API, repeated
  // The form shows this value from the app, so only a possible address is kept.
  login_hint: boundedText({ max: 254 }).catch(''),
  prompt: boundedText({ max: 256 }).default(''),
  ui_locales: boundedText({ max: MAX_PARAMETER }).optional(),
  max_age: boundedText({ max: 32 }).transform(Number).optional(),
})

/** Converts the library's `SessionNotFound` to a denial, and rethrows any other error. */
function rethrow(error: unknown): never {
  if (!(error instanceof errors.SessionNotFound)) throw error
  throw new Denial(400, GONE, { cause: error.error_description })
}
