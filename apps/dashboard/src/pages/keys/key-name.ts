import { findKeyNameFault, normalizeName } from '@daytona-auth/protocol/names'

/** Whether a key may have this name: it is not empty, and has no meaning in a path. */
export const isUsableName = (name: string): boolean => findKeyNameFault(normalizeName(name)) === undefined

/** States what is wrong with the name of a key; undefined if nothing is. `isTaken`: another active key of the owner has it. */
export function problemOfName(name: string, isTaken: boolean): string | undefined {
  const normalized = normalizeName(name)
  if (normalized === '') return 'Enter a name.'
  const fault = findKeyNameFault(normalized)
  if (fault !== undefined) return `The name ${fault}.`
  if (isTaken) return 'You have an active key with this name. Choose another one, or rotate that key.'
  return undefined
}
