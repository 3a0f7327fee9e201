import type { FoundArtifact, GrantId, NewArtifact } from '@daytona-auth/db'
import type { AdapterPayload } from 'oidc-provider'
import { digestOf } from './digest.ts'

/**
 * A payload as it is stored. Without the id, which is a secret, wherever the library repeats it: as `jti`, in the URL
 * that an interaction returns to, and the session cookie's value that it notes in an interaction and never reads.
 */
export function toArtifact(model: string, id: string, payload: AdapterPayload): NewArtifact {
  const { jti: _jti, returnTo: _returnTo, session, ...rest } = payload
  const { cookie: _cookie, ...kept } = session ?? {}
  if (payload.exp === undefined) throw new Error(`a ${model} without expiry is never to be stored`)
  return {
    model,
    digest: digestOf(id),
    payload: { ...rest, ...(session && { session: kept }) },
    // The column ties an artifact to its grant's life. An interaction only remembers which grant there was.
    grantId: model === 'Interaction' ? null : ((payload.grantId as GrantId | undefined) ?? null),
    accountId: payload.accountId ?? null,
    clientId: payload.clientId ?? null,
    uid: payload.uid ?? null,
    userCode: payload.userCode ?? null,
    expiresAt: payload.exp,
  }
}

/** A payload as the library wants it back. Expired ones too: the library compares `exp` itself. */
export function fromArtifact(found: FoundArtifact, id?: string): AdapterPayload {
  return {
    ...found.payload,
    ...(id !== undefined && { jti: id }),
    ...(found.consumedAt !== null && { consumed: Math.floor(found.consumedAt) }),
  }
}
