import type { GrantId } from '@daytona-auth/db/core'
import type { ArtifactKey, Redeemable } from '@daytona-auth/db/grants'
import Provider, { type AdapterPayload, errors } from 'oidc-provider'
import { requestContext } from '../request-context.ts'
import { narrowArtifact, narrowGrant } from './narrow.ts'

/**
 * Records the artifact that a token request presents, with its grant and account. Returns it with the scopes that the
 * grant and the client still have; `undefined` if none is left. @throws InvalidTarget, before anything is consumed
 */
export function presentSource(
  key: ArtifactKey,
  { account, grant, grantScopes, resource, justConsumed }: Redeemable,
  stored: AdapterPayload,
): AdapterPayload | undefined {
  const context = requestContext()
  context.account = account ?? undefined
  context.deniedAccount = account ? undefined : stored.accountId
  const { grantId } = stored
  if (grantId === undefined) return stored
  const scopes = new Set(grantScopes)
  // The library refuses an artifact without a grant.
  const payload = grant ? narrowArtifact(stored, scopes) : stored
  if (!payload) return undefined
  if (grant) {
    requireTarget(payload, resource)
    context.grants.set(grantId, narrowGrant(grant, scopes))
  }
  // The artifact was written under our own grant, so this is a grant id.
  const scope = new Set(payload.scope?.split(' '))
  context.source = {
    key,
    grantId: grantId as GrantId,
    scopes: scope,
    resource,
    isRepeated: key.model === 'RefreshToken' && justConsumed,
  }
  return payload
}

/**
 * Requires that the API of a grant still accepts tokens, and that the request names no other one (RFC 8707 §2.2). The library
 * would check that after it has consumed the code or refresh token, and the app could not repeat its request.
 */
function requireTarget({ clientId, resource }: AdapterPayload, granted: Redeemable['resource']): void {
  const { oidc } = Provider.ctx ?? {}
  // Another client gets the library's error.
  if (oidc?.route !== 'token' || oidc.client?.clientId !== clientId) return
  const asked = oidc.params?.['resource']
  if (asked !== undefined && asked !== resource) {
    throw new errors.InvalidTarget('resource is not the one of the authorization')
  }
  if (granted && granted.identifier === null) {
    throw new errors.InvalidTarget(
      'resource is not registered any more, is disabled, or its organization does not allow this app',
    )
  }
}
