import {
  type Authority,
  callerAuthority,
  confirmProviderStep,
  type ProviderStep,
  systemAuthority,
} from '@daytona-auth/db'
import { Refusal } from '@daytona-auth/service'
import { GONE } from './page-errors.ts'

/** A write of the provider whose user, session, client or membership ended before its transaction: an expired page. */
export class StepEnded extends Refusal {}

/**
 * The authority of a step that the provider has authenticated by a password, a session or a mailed link: in the
 * transaction, what it depends on is locked and read again.
 * @throws StepEnded
 */
export const stepAuthority = (reason: string, step: ProviderStep): Authority<undefined> =>
  callerAuthority(reason, async (tx) => {
    const ended = await confirmProviderStep(tx, step)
    const message = ended === 'membership' ? 'Organization is not yours' : GONE
    if (ended !== undefined) throw new StepEnded(400, message, { cause: `${ended} ended before the write` })
    return undefined
  })

/** The authority to end access: signing out, revoking, a replayed code. Nothing has to be live for that. */
export const ENDING_ACCESS = systemAuthority('ending access')
