/** Whether a person has seen a request of their own key arrive, or does not want the list. An id is no secret. */
const nameFor = (userId: string): string => `daytona.first-use.${userId}`

export function isFirstUseOver(userId: string): boolean {
  try {
    return localStorage.getItem(nameFor(userId)) === 'over'
  } catch {
    return false // storage is switched off
  }
}

export function endFirstUse(userId: string): void {
  try {
    localStorage.setItem(nameFor(userId), 'over')
  } catch {
    // Storage is switched off: the keys decide again at the next visit.
  }
}
