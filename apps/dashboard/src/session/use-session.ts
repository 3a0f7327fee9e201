import { useSyncExternalStore } from 'react'
import { getSession, type Profile, type SessionState, subscribeToSession } from './session.ts'

export const useSession = (): SessionState => useSyncExternalStore(subscribeToSession, getSession)

/** Returns the signed-in person. The app is rendered only when there is one. */
export function useProfile(): Profile {
  const session = useSession()
  if (session.kind === 'starting') throw new Error('the session has not started')
  return session.profile
}
