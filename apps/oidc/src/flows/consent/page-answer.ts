import type { OrganizationId, UserId } from '@daytona-auth/db'
import * as z from 'zod'

/**
 * The answer on one consent page, as the interaction of that page carries it to the authorization. The grant is made
 * from it and not from the remembered consent, which another page may have changed in between.
 */
export interface PageAnswer {
  readonly userId: UserId
  /** The browser session in which the page was answered. */
  readonly sessionUid: string
  readonly scopes: readonly string[]
  /** Empty where the app chooses none: identity alone, or a first-party app. */
  readonly organizationIds: readonly OrganizationId[]
}

/**
 * The answer in an interaction's result, if the account and the session that resume the authorization gave it.
 * `undefined` otherwise: then the page is shown.
 */
export function readPageAnswer(
  result: { readonly consent?: unknown } | undefined,
  viewer: { readonly userId: UserId; readonly sessionUid: string },
): PageAnswer | undefined {
  const answer = Answer.safeParse(result?.consent).data
  if (!answer || answer.userId !== viewer.userId || answer.sessionUid !== viewer.sessionUid) return undefined
  return { ...viewer, scopes: answer.scopes, organizationIds: answer.organizationIds as OrganizationId[] } // from `allow`
}

const Answer = z.object({
  userId: z.string(),
  sessionUid: z.string(),
  scopes: z.array(z.string()),
  organizationIds: z.array(z.string()),
})
