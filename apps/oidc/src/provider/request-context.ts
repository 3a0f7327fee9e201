import type { ActiveResourceServer } from '@daytona-auth/db/clients'
import type { GrantId } from '@daytona-auth/db/core'
import type {
  ArtifactKey,
  EnabledAccount,
  NewGrant,
  RedeemableResource,
  SessionAccount,
  UpstreamLogin,
} from '@daytona-auth/db/grants'
import Provider, { type errors, type KoaContextWithOIDC } from 'oidc-provider'

/**
 * The data that one request has read and has yet to write. oidc-provider calls its adapter for one item at a time. With
 * this context, related items are read, and written, in one statement. Middleware finds the library's errors here.
 */
export interface RequestContext {
  /** The account read with a session, a code or a refresh token. */
  account: EnabledAccount | SessionAccount | undefined
  /** The user of a code or refresh token who must not get tokens for it: disabled, or an organization requires another sign-in. */
  deniedAccount: string | undefined
  /** Payloads of grants, read with the artifacts that refer to them. */
  readonly grants: Map<string, Record<string, unknown>>
  /** The grant to insert with its first code, so that no grant remains without one. */
  newGrant: NewGrant | undefined
  /** The code or refresh token that the request presents. */
  source: RedemptionSource | undefined
  /** APIs with their own audience that the request has looked up, by identifier; undefined for those not found. */
  readonly resourceServers: Map<string, ActiveResourceServer | undefined>
  /** The refresh token to issue in place of the presented one; if it is undefined, a random one is issued. */
  successor: string | undefined
  /** The same artifact, from the library's `consume` until it is consumed. */
  pending: RedemptionSource | undefined
  /** The digest under which the browser's session was last read or written. It must still exist when it is saved. */
  session: Uint8Array | undefined
  /** The upstream sign-in with which the session begins, until it is saved. */
  upstreamLogin: UpstreamLogin | undefined
  /** Revocations in flight by grant id: the library requests each one once for each token model. */
  readonly revocations: Map<string, Promise<void>>
  /** The access token that the request issued, for the `at_hash` of its id_token. */
  accessToken: string | undefined
  /** The user code of the link that the browser opened; not verified. */
  linkedUserCode: string | undefined
  /** Whether the request answered a pushed authorization request. */
  hasUsedPushedRequest: boolean
  /** The error with which the library answered an authorization. */
  authorizationError: errors.OIDCProviderError | undefined
  /** Why the request is refused, if the response does not say it. */
  denialReason: string | undefined
  /** The server error that the library rendered, or that passed its error handler. */
  fault: unknown
}

export interface RedemptionSource {
  readonly key: ArtifactKey
  readonly grantId: GrantId
  readonly scopes: ReadonlySet<string>
  /** The API with its own audience that the grant is for; null for our own API. */
  readonly resource: RedeemableResource | null
  /** A refresh token that was rotated within the grace: its successor exists and is answered again. */
  readonly isRepeated: boolean
}

/** The member of koa's `ctx.state` that is ours. */
interface RequestState {
  requestContext?: RequestContext
}

/**
 * Returns the context of a request; a new one outside of a request, as when a page reads its interaction. Middleware
 * around the library's router must pass `ctx`, because `Provider.ctx` is set only inside the router.
 */
export function requestContext(ctx: KoaContextWithOIDC | undefined = Provider.ctx): RequestContext {
  const state: RequestState = ctx?.state ?? {}
  state.requestContext ??= {
    account: undefined,
    deniedAccount: undefined,
    grants: new Map(),
    newGrant: undefined,
    source: undefined,
    resourceServers: new Map(),
    successor: undefined,
    pending: undefined,
    session: undefined,
    upstreamLogin: undefined,
    revocations: new Map(),
    accessToken: undefined,
    linkedUserCode: undefined,
    hasUsedPushedRequest: false,
    authorizationError: undefined,
    denialReason: undefined,
    fault: undefined,
  }
  return state.requestContext
}
