import type { SealedSecrets } from '@daytona-auth/accounts/sealed-secrets'
import type { Database, OrganizationId } from '@daytona-auth/db/core'
import {
  findIdentityProviderOfDomain,
  findSealedIdentityProvider,
  type SealedIdentityProvider,
} from '@daytona-auth/db/organizations'
import { LRUCache } from 'lru-cache'
import { createOpenidUpstream, type UpstreamDependencies } from './openid.ts'
import { type Upstream, UpstreamError } from './upstream.ts'

/** The identity providers of organizations, read for each sign-in. */
export interface OrganizationUpstreams {
  /** Returns the provider of an organization by its id, which is its name in URLs. */
  ofOrganization(organizationId: string): Promise<Upstream | undefined>
  /** Returns the provider of the organization that has verified this normalized domain. */
  ofDomain(domain: string): Promise<Upstream | undefined>
}

export interface OrganizationUpstreamsOptions {
  readonly database: Database
  /** Absent without RESOURCE_SECRETS_KEY: then each of them is unavailable. */
  readonly clientSecrets: SealedSecrets | undefined
  readonly dependencies: UpstreamDependencies
}

/** Providers whose metadata and keys are kept in this process. */
const KEPT = 500

export function createOrganizationUpstreams({
  database,
  clientSecrets,
  dependencies,
}: OrganizationUpstreamsOptions): OrganizationUpstreams {
  // By all that decides what is requested: a changed provider is another one.
  const kept = new LRUCache<string, Upstream>({ max: KEPT })

  async function upstreamOf(row: SealedIdentityProvider | undefined): Promise<Upstream | undefined> {
    if (!row) return undefined
    if (!clientSecrets) return unavailable(row, 'RESOURCE_SECRETS_KEY is not set')
    const key = JSON.stringify(row)
    const found = kept.get(key)
    if (found) return found
    const { organizationId, name: label, issuer, clientId, scopes, sealedClientSecret, groupsClaim } = row
    const opened = await clientSecrets.open(sealedClientSecret, organizationId)
    if (!opened) return unavailable(row, 'no secret of RESOURCE_SECRETS_KEY decrypts the client secret')
    const config = {
      name: organizationId,
      kind: 'openid',
      label,
      issuer,
      clientId,
      clientSecret: opened.secret,
      scopes,
      trustsMfa: false, // the organization's statement would satisfy the requirements of other organizations
      signsOut: false,
    } as const
    const upstream = createOpenidUpstream(config, dependencies, { organizationId, groupsClaim })
    kept.set(key, upstream)
    return upstream
  }

  return {
    ofOrganization: async (organizationId) =>
      // Compared only: it comes from the URL.
      upstreamOf(await findSealedIdentityProvider(database, organizationId as OrganizationId)),
    ofDomain: async (domain) => upstreamOf(await findIdentityProviderOfDomain(database, domain)),
  }
}

/** A provider whose every step fails with a reason for the log, so that people read that it is unavailable. */
function unavailable({ organizationId, name: label, issuer }: SealedIdentityProvider, reason: string): Upstream {
  const fail = () => Promise.reject(new UpstreamError('unavailable', reason))
  return {
    name: organizationId,
    label,
    issuer,
    organizationId,
    statesAuthTime: true,
    trustsMfa: false,
    authorizationUrl: fail,
    identify: fail,
  }
}
