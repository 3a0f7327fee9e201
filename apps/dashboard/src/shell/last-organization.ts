import type { Organization } from '@daytona-auth/sdk'

/** Remembers the organization that was shown last, for the next visit. An id is no secret. */
const NAME = 'daytona.organization'

function getLastOrganization(): string | undefined {
  try {
    return localStorage.getItem(NAME) ?? undefined
  } catch {
    return undefined // storage is switched off
  }
}

export function setLastOrganization(id: string): void {
  try {
    localStorage.setItem(NAME, id)
  } catch {
    // Storage is switched off: the next visit starts in the first organization.
  }
}

/** Chooses the organization of a visit to no particular one: that of the last visit, otherwise a shared one. */
export function chooseOrganization(all: readonly Organization[]): Organization | undefined {
  const last = getLastOrganization()
  return all.find(({ id }) => id === last) ?? all.find(({ personal }) => !personal) ?? all[0]
}
