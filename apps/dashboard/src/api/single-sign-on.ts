import {
  DaytonaAuthError,
  type IdentityProvider,
  type OrganizationDomain,
  type Provisioning,
  type RequestBody,
} from '@daytona-auth/sdk'
import { queryOptions } from '@tanstack/react-query'
import { api } from './client.ts'
import { members } from './organizations.ts'
import { queryClient } from './query-client.ts'

const keyOf = (organizationId: string) => ['organization', organizationId, 'single-sign-on'] as const

/** The e-mail domains of the organization, for its administrators. */
export const domains = (organizationId: string) =>
  queryOptions({
    queryKey: [...keyOf(organizationId), 'domains'],
    queryFn: ({ signal }) => api.organizations.domains.list(organizationId, { signal }),
  })

/** The identity provider of the organization; null if there is none. */
export const identityProvider = (organizationId: string) =>
  queryOptions({
    queryKey: [...keyOf(organizationId), 'identity-provider'],
    queryFn: ({ signal }) => orNull(api.organizations.identityProvider.get(organizationId, { signal })),
  })

/** What a sign-in with the identity provider gives; null if there is none. */
export const provisioning = (organizationId: string) =>
  queryOptions({
    queryKey: [...keyOf(organizationId), 'provisioning'],
    queryFn: ({ signal }) => orNull(api.organizations.identityProvider.getProvisioning(organizationId, { signal })),
  })

export async function addDomain(organizationId: string, domain: string): Promise<OrganizationDomain> {
  const added = await api.organizations.domains.create(organizationId, { domain })
  await queryClient.invalidateQueries(domains(organizationId))
  return added
}

export async function verifyDomain(organizationId: string, id: string): Promise<void> {
  await api.organizations.domains.verify(organizationId, id)
  await queryClient.invalidateQueries(domains(organizationId))
}

export async function deleteDomain(organizationId: string, id: string): Promise<void> {
  await api.organizations.domains.delete(organizationId, id)
  queryClient.setQueryData(domains(organizationId).queryKey, (all) => all?.filter((one) => one.id !== id))
}

/** Tests an identity provider, and stores it. */
export async function setIdentityProvider(
  organizationId: string,
  provider: RequestBody<'setIdentityProvider'>,
): Promise<IdentityProvider> {
  const stored = await api.organizations.identityProvider.set(organizationId, provider)
  queryClient.setQueryData(identityProvider(organizationId).queryKey, stored)
  await queryClient.invalidateQueries(provisioning(organizationId))
  return stored
}

/** Sets whether addresses in the verified domains sign in with the identity provider only. */
export async function setSignInRule(organizationId: string, signIn: IdentityProvider['signIn']): Promise<void> {
  const stored = await api.organizations.identityProvider.update(organizationId, { signIn })
  queryClient.setQueryData(identityProvider(organizationId).queryKey, stored)
}

/** Deletes the identity provider, which withdraws the roles that groups give. */
export async function deleteIdentityProvider(organizationId: string): Promise<void> {
  await api.organizations.identityProvider.delete(organizationId)
  queryClient.setQueryData(identityProvider(organizationId).queryKey, null)
  queryClient.setQueryData(provisioning(organizationId).queryKey, null)
  await queryClient.invalidateQueries(members(organizationId))
}

/** Sets what a sign-in gives. Roles that no group gives any more are withdrawn. */
export async function setProvisioning(
  organizationId: string,
  given: RequestBody<'setProvisioning'>,
): Promise<Provisioning> {
  const stored = await api.organizations.identityProvider.setProvisioning(organizationId, given)
  queryClient.setQueryData(provisioning(organizationId).queryKey, stored)
  await queryClient.invalidateQueries(members(organizationId))
  return stored
}

async function orNull<Thing>(reading: Promise<Thing>): Promise<Thing | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof DaytonaAuthError && error.statusCode === 404) return null
    throw error
  }
}
