import { digestOf, looksLikeKey } from '@daytona-auth/auth'
import { batchReads } from '@daytona-auth/db/core'
import {
  deleteArtifact,
  findArtifact,
  findGrantPayload,
  findRedeemables,
  findSession,
  insertGrant,
  putArtifact,
  putSession,
  type Redeemable,
  renewSession,
  saveUpstreamSession,
} from '@daytona-auth/db/grants'
import { userAgentOf } from '@daytona-auth/service'
import Provider, { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { budgetOfRequest } from '../../limits/unknown-look-ups.ts'
import { ROUTES } from '../endpoint-paths.ts'
import { requestContext } from '../request-context.ts'
import type { ClientDirectory } from './clients.ts'
import { createDeviceCodeMethods, type DeviceCodeDependencies } from './device-codes.ts'
import type { GrantRevocation } from './grant-revocation.ts'
import { narrowGrant } from './narrow.ts'
import { createPushedRequestMethods } from './pushed-requests.ts'
import { presentSource } from './redemption-source.ts'
import { fromArtifact, toArtifact } from './stored-payload.ts'
import type { Successors } from './successors.ts'

export interface AdapterDependencies extends DeviceCodeDependencies {
  readonly clients: ClientDirectory
  readonly grants: GrantRevocation
  readonly refreshReuseGraceMs: number
  readonly successors: Successors
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Returns the URL at which the interaction resumes: that of its authorization, or of the device page. */
  readonly returnTo: (uid: string, isOfDevice: boolean) => string
}

/**
 * oidc-provider's storage on PostgreSQL. Ids are stored as their SHA-256, so a copy of the database grants no access.
 *
 * The library reads and then writes; here the database decides races. The request's state combines several adapter
 * calls into as few atomic statements as possible: a token request takes two.
 */
export function createAdapterFactory(dependencies: AdapterDependencies): (model: string) => Adapter {
  const revokeByGrantId = (grantId: string) => dependencies.grants.revoke(grantId)
  return (model) => ({ ...unsupported(model), revokeByGrantId, ...methodsOf(model, dependencies) })
}

function methodsOf(model: string, dependencies: AdapterDependencies): Partial<Adapter> {
  switch (model) {
    case 'Client':
      return { find: (id) => dependencies.clients.find(id, Provider.ctx?.ip, useOf(Provider.ctx?.path)) }
    case 'Grant':
      return grantMethods(dependencies)
    case 'Session':
      return sessionMethods(dependencies)
    case 'Interaction':
      return interactionMethods(dependencies)
    case 'AuthorizationCode':
    case 'RefreshToken':
      return redeemableMethods(model, dependencies)
    case 'DeviceCode':
      return createDeviceCodeMethods(dependencies)
    case 'PushedAuthorizationRequest':
      return createPushedRequestMethods(dependencies)
    case 'AccessToken':
      // JWTs, which are not stored. No verifier accepts an opaque token, so writing one throws below.
      return { find: async () => undefined }
    default:
      return {}
  }
}

/** The requests that begin an authorization, for which the document of a client must be recent. */
const useOf = (path: string | undefined): 'authorization' | undefined =>
  path === ROUTES.authorization || path === ROUTES.pushed_authorization_request ? 'authorization' : undefined

/** Grants are inserted with their first code, below; the library never writes them. */
function grantMethods({ database, grants }: AdapterDependencies): Partial<Adapter> {
  return {
    async find(id) {
      const read = requestContext().grants.get(id)
      if (read) return read
      const found = await findGrantPayload(database, id)
      return found && narrowGrant(found.payload, new Set(found.scopes))
    },
    destroy: (id) => grants.revoke(id),
  }
}

function sessionMethods({ database, now, grants }: AdapterDependencies): Partial<Adapter> {
  async function read(by: Parameters<typeof findSession>[1], id?: string) {
    const found = await findSession(database, by)
    if (!found) return undefined
    requestContext().account = found.account ?? undefined
    return fromArtifact(found, id)
  }
  return {
    async find(id) {
      const digest = digestOf(id)
      const session = await read({ digest }, id)
      if (session) requestContext().session = digest
      return session
    },
    findByUid: (uid) => read({ uid }),
    async upsert(id, payload) {
      const state = requestContext()
      const artifact = toArtifact('Session', id, withBrowser(payload, now()))
      const { session, upstreamLogin: login } = state
      const save = () => (session ? renewSession(database, session, artifact) : putSession(database, artifact))
      // The session, or the sign-in that it gets, ended before or during this request. It must not be written. The library
      // saves it again with its error, and is refused again.
      if (!(await (login ? saveUpstreamSession(database, login, artifact, session) : save()))) {
        // Our grants of this request, whose code is not sent.
        if (login) await grants.endSession(payload.uid ?? '')
        throw new errors.SessionNotFound('session has ended')
      }
      state.upstreamLogin = undefined
      state.session = artifact.digest
    },
    // Called only for the previous id of a session, right before saving under the new id, which ends the old one. A
    // session itself ends in `endSessionWithItsGrants`.
    destroy: async () => {},
  }
}

/**
 * Adds the browser that the session of a user was last seen in, for the list of the user's sessions. The library saves a
 * session at each authorization, and does not read this member.
 */
function withBrowser(payload: AdapterPayload, instant: number): AdapterPayload {
  const { ctx } = Provider
  if (!ctx || payload.accountId === undefined) return payload
  return { ...payload, seen: { at: instant / 1000, address: ctx.ip, userAgent: userAgentOf(ctx.headers) } }
}

function interactionMethods({ database, returnTo }: AdapterDependencies): Partial<Adapter> {
  const model = 'Interaction'
  return {
    async find(id) {
      const found = await findArtifact(database, { model, digest: digestOf(id) })
      return found && { ...fromArtifact(found, id), returnTo: returnTo(id, 'deviceCode' in found.payload) }
    },
    upsert: (id, payload) => putArtifact(database, toArtifact(model, id, payload)),
    destroy: (id) => deleteArtifact(database, { model, digest: digestOf(id) }),
  }
}

/** Codes and refresh tokens: valid for one use, under a grant. */
function redeemableMethods(
  model: 'AuthorizationCode' | 'RefreshToken',
  { database, redemption, refreshReuseGraceMs, successors, unknown }: AdapterDependencies,
): Partial<Adapter> {
  const nameOf = (digest: Uint8Array) => `${model} ${Buffer.from(digest).toString('base64url')}`

  const readRedeemable = batchReads((digests) =>
    findRedeemables(database, { model, digests }, refreshReuseGraceMs / 1000),
  )

  /** The refresh token that follows a presented one: a new one, or the unused one that a rotation just created. */
  async function findSuccessorOf(id: string, { payload, justConsumed, grant }: Redeemable) {
    const { salt, grantId } = payload
    if (Provider.ctx?.oidc.route !== 'token' || typeof salt !== 'string') return undefined
    if (!justConsumed) return successors.derive(id, salt)
    if (!grant) return undefined
    for (const candidate of successors.deriveWithEach(id, salt)) {
      const found = await findArtifact(database, { model, digest: digestOf(candidate) })
      if (found && found.payload['grantId'] === grantId && found.consumedAt === null) return candidate
    }
    return undefined
  }

  return {
    async find(id) {
      // An introspected API key is not a refresh token: a query would find nothing.
      if (Provider.ctx?.path === ROUTES.introspection && looksLikeKey(id)) return undefined
      const key = { model, digest: digestOf(id) }
      const read = () => readRedeemable(key.digest)
      const found = await unknown.find(budgetOfRequest(), nameOf(key.digest), read)
      if (!found) return undefined
      if (model !== 'RefreshToken') return presentSource(key, found, fromArtifact(found, id))

      const successor = await findSuccessorOf(id, found)
      requestContext().successor = successor
      if (!found.justConsumed) return presentSource(key, found, fromArtifact(found, id))
      // The library revokes the grant of a consumed refresh token. Within the grace, it gets the token of a repeated
      // rotation as unused. For any other request, and without a successor, the token does not exist.
      if (successor === undefined) return undefined
      return presentSource(key, found, fromArtifact({ ...found, consumedAt: null }, id))
    },

    consume: () => redemption.begin(),

    async upsert(id, payload) {
      const stored = model === 'RefreshToken' ? { ...payload, salt: successors.createSalt() } : payload
      const artifact = toArtifact(model, id, stored)
      unknown.note(nameOf(artifact.digest))
      const { newGrant } = requestContext()
      if (!newGrant || model !== 'AuthorizationCode') await redemption.complete(artifact)
      // Consent was withdrawn during this request: the code must not be issued.
      else if (!(await insertGrant(database, newGrant, artifact)))
        throw new errors.AccessDenied('consent was withdrawn')
    },

    destroy: (id) => deleteArtifact(database, { model, digest: digestOf(id) }),
  }
}

/** Throws for calls that the enabled features never make, so that a new library version cannot make them unnoticed. */
function unsupported(model: string): Adapter {
  const refuse = (method: string) => async () => {
    throw new Error(`${model}.${method} is not part of this provider's storage`)
  }
  return {
    find: refuse('find'),
    findByUid: refuse('findByUid'),
    findByUserCode: refuse('findByUserCode'),
    upsert: refuse('upsert'),
    consume: refuse('consume'),
    destroy: refuse('destroy'),
    revokeByGrantId: refuse('revokeByGrantId'),
  }
}
