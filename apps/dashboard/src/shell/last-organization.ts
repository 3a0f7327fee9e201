/** Remembers the organization that was shown last, for the next visit. An id is no secret. */
const NAME = 'daytona.organization'

export function getLastOrganization(): string | undefined {
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
