import type { ArtifactKey, EnabledAccount, GrantId, NewGrant, Redeemable } from '@daytona-auth/db'
import Provider, { type AdapterPayload } from 'oidc-provider'
import { narrowArtifact, narrowGrant } from './narrow.ts'

/**
 * What one request has read already and has yet to write. oidc-provider asks its adapter for one thing at a time; with
 * this, what belongs together is read, and written, in one statement.
 */
export interface RequestState {
  /** Read along with a session, a code or a refresh token. */
  account: EnabledAccount | undefined
  /** Payloads of grants, read along with what refers to them. */
  readonly grants: Map<string, Record<string, unknown>>
  /** To be written together with the first code under it, so that no grant is born in vain. */
  unborn: NewGrant | undefined
  /** The code or refresh token that the request presents. */
  source: RedemptionSource | undefined
  /** The same, from when it is to be consumed until it is. */
  pending: RedemptionSource | undefined
  /** Where the browser's session was read, or last written: there it has to be still when it is saved. */
  session: Uint8Array | undefined
  /** The library asks for the same killing once for each model. */
  readonly killings: Map<string, Promise<void>>
}

export interface RedemptionSource {
  readonly key: ArtifactKey
  readonly grantId: GrantId
  readonly scopes: ReadonlySet<string>
}

const states = new WeakMap<object, RequestState>()

/**
 * The state of the request being served; a fresh one outside of any, as when a page reads its interaction. Middleware
 * before the library's router has to say which request: the library knows it only from its router on.
 */
export function requestState(ctx: object | undefined = Provider.ctx): RequestState {
  const known = ctx && states.get(ctx)
  if (known) return known
  const state: RequestState = {
    account: undefined,
    grants: new Map(),
    unborn: undefined,
    source: undefined,
    pending: undefined,
    session: undefined,
    killings: new Map(),
  }
  if (ctx) states.set(ctx, state)
  return state
}

/**
 * Notes what a token request presents, read together with its grant and its account. Returns it with the scopes that the
 * grant and the client still have; `undefined` when none is left.
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
  // Without its grant nothing comes of it: the library says so.
  const payload = grant ? narrowArtifact(stored, scopes) : stored
  if (!payload) return undefined
  if (grant) state.grants.set(grantId, narrowGrant(grant, scopes))
  // It was written under a grant of ours, so this is the id of one.
  state.source = { key, grantId: grantId as GrantId, scopes: new Set(payload.scope?.split(' ')) }
  return payload
}
