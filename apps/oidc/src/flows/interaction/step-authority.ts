import { type Authority, callerAuthority } from '@daytona-auth/db/audit'
import { confirmProviderStep, type ProviderStep } from '@daytona-auth/db/principals'
import { Denial } from '@daytona-auth/service'
import { GONE } from './page-errors.ts'

/**
 * Thrown if the user, session, client or membership of a write ended before its transaction. Shown as an expired page.
 */
export class StepEnded extends Denial {}

/**
 * Returns the authority of a step authenticated by a password, a session or a mailed link. The transaction locks the
 * rows that the step depends on, and reads them again.
 * @throws StepEnded
 */
export const stepAuthority = (reason: string, step: ProviderStep): Authority<undefined> =>
  callerAuthority(reason, async (tx) => {
    const ended = await confirmProviderStep(tx, step)
    const message = ended === 'membership' ? 'User is not a member of the organization' : GONE
    if (ended !== undefined) throw new StepEnded(400, message, { cause: `${ended} ended before the write` })
    return undefined
  })

/** How long after a sign-in an account may be deleted, or get another address or second factor. */
export const FRESH_SECONDS = 5 * 60
