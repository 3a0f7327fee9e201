import type { GrantId } from '@daytona-auth/db/core'
import type { ArtifactKey, EnabledAccount, NewGrant, Redeemable } from '@daytona-auth/db/grants'
import Provider, { type AdapterPayload } from 'oidc-provider'
import { narrowArtifact, narrowGrant } from './narrow.ts'

/**
 * The data that one request has read and has yet to write. oidc-provider calls its adapter for one item at a time. This
 * state lets related items be read, and written, in one statement.
 */
export interface RequestState {
  /** The account read with a session, a code or a refresh token. */
  account: EnabledAccount | undefined
  /** Payloads of grants, read with the artifacts that refer to them. */
  readonly grants: Map<string, Record<string, unknown>>
  /** The grant to insert with its first code, so that no grant remains without one. */
  newGrant: NewGrant | undefined
  /** The code or refresh token that the request presents. */
  source: RedemptionSource | undefined
  /** The same artifact, from the library's `consume` until it is consumed. */
  pending: RedemptionSource | undefined
  /** The digest under which the browser's session was last read or written. It must still exist when it is saved. */
  session: Uint8Array | undefined
  /** Revocations in flight by grant id: the library requests each one once for each token model. */
  readonly revocations: Map<string, Promise<void>>
}

export interface RedemptionSource {
  readonly key: ArtifactKey
  readonly grantId: GrantId
  readonly scopes: ReadonlySet<string>
}

const states = new WeakMap<object, RequestState>()

/**
 * Returns the state of the current request; a new one outside of a request, as when a page reads its interaction.
 * Middleware around the library's router must pass `ctx`, because `Provider.ctx` is set only inside the router.
 */
export function requestState(ctx: object | undefined = Provider.ctx): RequestState {
  const known = ctx && states.get(ctx)
  if (known) return known
  const state: RequestState = {
    account: undefined,
    grants: new Map(),
    newGrant: undefined,
    source: undefined,
    pending: undefined,
    session: undefined,
    revocations: new Map(),
  }
  if (ctx) states.set(ctx, state)
  return state
}

/**
 * Records the artifact that a token request presents, with its grant and account. Returns it with the scopes that the
 * grant and the client still have; `undefined` if none is left.
 */
export function presentSource(
  key: ArtifactKey,
  { account, grant, grantScopes }: Redeemable,
  stored: AdapterPayload,
): AdapterPayload | undefined {
  const state = requestState()
  state.account = account ?? undefined
  const { grantId } = stored
  if (grantId === undefined) return stored
  const scopes = new Set(grantScopes)
  // The library refuses an artifact without a grant.
  const payload = grant ? narrowArtifact(stored, scopes) : stored
  if (!payload) return undefined
  if (grant) state.grants.set(grantId, narrowGrant(grant, scopes))
  // The artifact was written under our own grant, so this is a grant id.
  state.source = { key, grantId: grantId as GrantId, scopes: new Set(payload.scope?.split(' ')) }
  return payload
}
