import { satisfiesAcr } from '@daytona-auth/protocol/authentication-context'
import type { RequiredSignIn } from '@daytona-auth/sdk'
import { findOtherToken, signInFor } from './session.ts'

/** A sign-in that a request waits for. */
export interface StepUp {
  readonly required: RequiredSignIn
  /** Why the last attempt did not suffice. */
  readonly problem?: string
}

let current: StepUp | undefined
let answer: PromiseWithResolvers<string | undefined> | undefined
/** Whether the person declined: later requests to read are refused without asking, or each would ask again. */
let isDeclined = false
const listeners = new Set<() => void>()

export const getStepUp = (): StepUp | undefined => current

export function subscribeToStepUp(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * Asks the person for a stronger or more recent sign-in than that of the token `refused`. Requests that are refused at once
 * wait for the same one.
 * @returns the new token; undefined if the person declines
 */
export async function stepUp(
  required: RequiredSignIn,
  refused: string | undefined,
  method: string,
): Promise<string | undefined> {
  const other = await findOtherToken(refused)
  if (other !== undefined) return other
  if (isDeclined && method === 'GET') return undefined
  if (answer === undefined) {
    answer = Promise.withResolvers()
    set({ required })
  }
  return answer.promise
}

/** Opens the sign-in window. Call it in an event of the person: browsers block it otherwise. */
export async function confirmStepUp(): Promise<void> {
  if (current === undefined) return
  const { required } = current
  const { acrValues, maxAgeSeconds } = required
  try {
    const { accessToken, acr } = await signInFor({
      ...(acrValues !== undefined && { acr_values: acrValues }),
      ...(maxAgeSeconds !== undefined && { max_age: maxAgeSeconds }),
    })
    if (acrValues !== undefined && !satisfiesAcr(acr, acrValues.split(' '))) {
      set({ required, problem: 'You signed in without a second factor. Set one up in your account, then try again.' })
      return
    }
    isDeclined = false
    finish(accessToken)
  } catch (error) {
    set({ required, problem: error instanceof Error ? error.message : String(error) })
  }
}

export function declineStepUp(): void {
  isDeclined = true
  finish(undefined)
}

function finish(token: string | undefined): void {
  answer?.resolve(token)
  answer = undefined
  set(undefined)
}

function set(next: StepUp | undefined): void {
  current = next
  for (const listener of listeners) listener()
}
