import { digestOf } from '@daytona-auth/auth'
import type { GrantId } from '@daytona-auth/db/core'
import type { FoundArtifact, NewArtifact } from '@daytona-auth/db/grants'
import type { AdapterPayload } from 'oidc-provider'
import { digestIn, referenceTo } from './references.ts'

/**
 * Converts the library's payload to the stored one. It leaves out the secret id wherever the library repeats it: as
 * `jti` and in `returnTo`. It also leaves out the session cookie's value in an interaction, which the library never
 * reads, and replaces the id of its pushed request with a reference.
 */
export function toArtifact(model: string, id: string, payload: AdapterPayload): NewArtifact {
  const { jti: _jti, returnTo: _returnTo, session, parJti, ...rest } = payload
  const { cookie: _cookie, ...kept } = session ?? {}
  if (payload.exp === undefined) throw new Error(`a ${model} needs an expiry to be stored`)
  return {
    model,
    digest: digestOf(id),
    payload: {
      ...rest,
      ...(session && { session: kept }),
      ...(typeof parJti === 'string' && { parJti: asReference(parJti) }),
    },
    // The column makes an artifact end with its grant. An interaction only refers to a grant.
    grantId: model === 'Interaction' ? null : ((payload.grantId as GrantId | undefined) ?? null),
    accountId: payload.accountId ?? null,
    clientId: payload.clientId ?? null,
    uid: payload.uid ?? null,
    userCode: payload.userCode ?? null,
    expiresAt: payload.exp,
  }
}

/** Converts a stored payload back, expired ones included: the library compares `exp` itself. */
export function fromArtifact(found: FoundArtifact, id?: string): AdapterPayload {
  return {
    ...found.payload,
    ...(id !== undefined && { jti: id }),
    ...(found.consumedAt !== null && { consumed: Math.floor(found.consumedAt) }),
  }
}

const asReference = (id: string): string => (digestIn(id) ? id : referenceTo(digestOf(id)))
