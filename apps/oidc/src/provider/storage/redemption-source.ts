import type { GrantId } from '@daytona-auth/db/core'
import type { ArtifactKey, Redeemable } from '@daytona-auth/db/grants'
import type { AdapterPayload } from 'oidc-provider'
import { requestContext } from '../request-context.ts'
import { narrowArtifact, narrowGrant } from './narrow.ts'

/**
 * Records the artifact that a token request presents, with its grant and account. Returns it with the scopes that the
 * grant and the client still have; `undefined` if none is left.
 */
export function presentSource(
  key: ArtifactKey,
  { account, grant, grantScopes, justConsumed }: Redeemable,
  stored: AdapterPayload,
): AdapterPayload | undefined {
  const context = requestContext()
  context.account = account ?? undefined
  const { grantId } = stored
  if (grantId === undefined) return stored
  const scopes = new Set(grantScopes)
  // The library refuses an artifact without a grant.
  const payload = grant ? narrowArtifact(stored, scopes) : stored
  if (!payload) return undefined
  if (grant) context.grants.set(grantId, narrowGrant(grant, scopes))
  // The artifact was written under our own grant, so this is a grant id.
  const scope = new Set(payload.scope?.split(' '))
  context.source = {
    key,
    grantId: grantId as GrantId,
    scopes: scope,
    isRepeated: key.model === 'RefreshToken' && justConsumed,
  }
  return payload
}
