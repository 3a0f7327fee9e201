import type { OrganizationId, ResourceServerId, UserId } from '@daytona-auth/db/core'
import * as z from 'zod'

/**
 * The answer on one consent page, stored in that page's interaction. The grant is made from it and not from remembered
 * consent, which another page may have changed in the meantime.
 */
export interface PageAnswer {
  readonly userId: UserId
  /** The browser session in which the page was answered. */
  readonly sessionUid: string
  readonly scopes: readonly string[]
  /** The scopes that the page offered and the user left out. */
  readonly declined: readonly string[]
  /** Empty if none are to be chosen: for identity scopes alone, or for a first-party app. */
  readonly organizationIds: readonly OrganizationId[]
  /** The API with its own audience that the page named; absent for our own API. */
  readonly resourceServerId?: ResourceServerId | undefined
}

/**
 * Reads the answer from an interaction's result, if it was given by the account and session that resume the
 * authorization. `undefined` otherwise: then the page is shown.
 */
export function readPageAnswer(
  result: { readonly consent?: unknown } | undefined,
  viewer: { readonly userId: UserId; readonly sessionUid: string },
): PageAnswer | undefined {
  const answer = Answer.safeParse(result?.consent).data
  if (!answer || answer.userId !== viewer.userId || answer.sessionUid !== viewer.sessionUid) return undefined
  return {
    ...viewer,
    scopes: answer.scopes,
    declined: answer.declined,
    // Both from `allowAccess`.
    organizationIds: answer.organizationIds as OrganizationId[],
    resourceServerId: answer.resourceServerId as ResourceServerId | undefined,
  }
}

const Answer = z.object({
  userId: z.string(),
  sessionUid: z.string(),
  scopes: z.array(z.string()),
  // Absent from an answer that a process of an earlier release stored.
  declined: z.array(z.string()).default([]),
  organizationIds: z.array(z.string()),
  resourceServerId: z.string().optional(),
})
