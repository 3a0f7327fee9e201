import { ErrorResponse, type User } from 'oidc-client-ts'
import { CALLBACK_PATH, createUserManager, issuer } from './user-manager.ts'

/** The person that is signed in, as the id_token names them. */
export interface Profile {
  readonly id: string
  readonly name: string
  readonly email: string
}

/**
 * `ended`: neither the refresh token nor the browser's session is valid, and the person has to sign in again. What is on
 * the page stays as it is, and requests wait.
 */
export type SessionState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'active'; readonly profile: Profile }
  | { readonly kind: 'ended'; readonly profile: Profile; readonly problem?: string }

const manager = createUserManager()
let state: SessionState = { kind: 'starting' }
const listeners = new Set<() => void>()

/** Renewals are serialized: a second request with an expired token waits for the renewal of the first. */
let renewing: Promise<User> | undefined
/** Resolves when the person has signed in again. */
let signedInAgain: PromiseWithResolvers<User> | undefined

export const getSession = (): SessionState => state

export function subscribeToSession(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * Signs in: from the provider's response, from the browser's session without a page, or by the provider's pages, which
 * leave this document.
 * @returns the path to show
 */
export async function startSession(): Promise<string> {
  if (location.origin !== issuer) return leaveTo(issuer + location.pathname + location.search + location.hash)
  if (location.pathname === CALLBACK_PATH) {
    const user = await manager.signinRedirectCallback()
    activate(user)
    return isPath(user.state) ? user.state : '/dashboard'
  }
  const path = location.pathname + location.search + location.hash
  try {
    activate(await required(manager.signinSilent()))
    return path
  } catch {
    // The person has to sign in, or the frame was blocked or too slow: a navigation needs no frame.
    await manager.signinRedirect({ state: path })
    return new Promise<never>(() => {})
  }
}

/** Returns a valid access token. It waits while the person has to sign in again. */
export async function getAccessToken(): Promise<string> {
  if (signedInAgain) return (await signedInAgain.promise).access_token
  const user = await manager.getUser()
  if (user && (user.expires_in ?? 0) > 10) return user.access_token
  return renewAccessToken(user?.access_token)
}

/** Returns a new access token after `refused` was answered with 401, for all requests that were refused with it at once. */
export async function renewAccessToken(refused: string | undefined): Promise<string> {
  const user = await manager.getUser()
  if (user && refused !== undefined && user.access_token !== refused) return user.access_token
  renewing ??= renew().finally(() => {
    renewing = undefined
  })
  return (await renewing).access_token
}

/** Opens the provider's sign-in page in a window. Call it in an event of the person: browsers block it otherwise. */
export async function signInAgain(): Promise<void> {
  if (state.kind !== 'ended') return
  const { profile } = state
  try {
    const user = await manager.signinPopup({ login_hint: profile.email })
    if (user.profile.sub !== profile.id) {
      // What this page shows and what was typed into it belong to the other person.
      location.assign('/dashboard')
      return
    }
    activate(user)
    signedInAgain?.resolve(user)
    signedInAgain = undefined
  } catch (error) {
    set({ kind: 'ended', profile, problem: sentenceFor(error) })
  }
}

/**
 * Opens the provider's sign-in page in a window, for a sign-in with these parameters. Call it in an event of the person.
 * @returns the new token and the strength of the sign-in
 * @throws if the window was closed or blocked, or another person signed in
 */
export async function signInFor(parameters: {
  readonly acr_values?: string
  readonly max_age?: number
}): Promise<{ readonly accessToken: string; readonly acr: string | undefined }> {
  if (state.kind !== 'active') throw new Error(NOT_SIGNED_IN)
  const { profile } = state
  let user: User
  try {
    user = await manager.signinPopup({ login_hint: profile.email, ...parameters })
  } catch (error) {
    throw new Error(sentenceFor(error))
  }
  if (user.profile.sub !== profile.id) {
    // What this page shows and what was typed into it belong to the other person.
    location.assign('/dashboard')
    return new Promise<never>(() => {})
  }
  activate(user)
  return { accessToken: user.access_token, acr: user.profile.acr }
}

const NOT_SIGNED_IN = 'Your session has ended. Sign in again first.'

/** Returns the token in use, if it is another one than `refused`. */
export async function findOtherToken(refused: string | undefined): Promise<string | undefined> {
  const user = await manager.getUser()
  return user && user.access_token !== refused ? user.access_token : undefined
}

/** Ends the browser's session at the provider, which ends what was issued in it. */
export const signOut = (): Promise<void> => manager.signoutRedirect()

async function renew(): Promise<User> {
  const before = await manager.getUser()
  try {
    return activate(await required(manager.signinSilent()))
  } catch (error) {
    if (!isRefused(error)) throw error
  }
  // The grant was revoked. The browser may still be signed in, as after a sign-in in another tab.
  await manager.removeUser()
  try {
    const user = await required(manager.signinSilent())
    if (before === null || user.profile.sub === before.profile.sub) return activate(user)
    location.assign('/dashboard')
    return new Promise<never>(() => {})
  } catch (error) {
    if (!isSignInRequired(error)) throw error
  }
  signedInAgain ??= Promise.withResolvers<User>()
  if (state.kind === 'active') set({ kind: 'ended', profile: state.profile })
  return signedInAgain.promise
}

function activate(user: User): User {
  const { sub, name = '', email = '' } = user.profile
  set({ kind: 'active', profile: { id: sub, name: name || email, email } })
  return user
}

function set(next: SessionState): void {
  state = next
  for (const listener of listeners) listener()
}

async function required(answer: Promise<User | null>): Promise<User> {
  const user = await answer
  if (!user) throw new Error('The provider did not respond')
  return user
}

const isRefused = (error: unknown): error is ErrorResponse => error instanceof ErrorResponse

/** OIDC Core §3.1.2.6: what `prompt=none` answers if a page would have to be shown. */
const isSignInRequired = (error: unknown): boolean =>
  isRefused(error) && /^(login|interaction|consent|account_selection)_required$/.test(error.error ?? '')

const sentenceFor = (error: unknown): string =>
  isRefused(error)
    ? (error.error_description ?? error.error ?? error.message)
    : 'The sign-in window was closed or blocked. Allow windows of this page, and try again.'

/** Only a path of ours: the state is restored from what this page stored, and it must not lead elsewhere. */
const isPath = (value: unknown): value is string => typeof value === 'string' && /^\/dashboard(?:[/?#]|$)/.test(value)

function leaveTo(url: string): Promise<never> {
  location.replace(url)
  return new Promise<never>(() => {})
}
