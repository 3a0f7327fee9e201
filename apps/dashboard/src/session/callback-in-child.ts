import { createUserManager } from './user-manager.ts'

/**
 * Passes the response of the provider to the page that opened this frame or window, which redeems the code. It runs
 * instead of the app.
 */
export async function passToOpener(): Promise<void> {
  const manager = createUserManager()
  if (window.opener) await manager.signinPopupCallback()
  else await manager.signinSilentCallback()
}

/** Whether this document is the redirect target of a renewal in a frame or of a sign-in in a window. */
export const isInChild = (): boolean => window.opener !== null || window.parent !== window
