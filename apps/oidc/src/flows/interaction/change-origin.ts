import type { Language } from '@daytona-auth/accounts/language/language'
import type { AuditActor } from '@daytona-auth/db/audit'
import type { Account } from '@daytona-auth/db/users'

/** Where a change was requested from. */
export interface ChangeOrigin {
  readonly address: string
  readonly userAgent: string | null
  /** The language of mails about the change. */
  readonly language: Language
}

/** Returns the account that makes a change, for its audit entry. */
export const actorOf = (
  { userId, email }: Account,
  { address, userAgent }: Pick<ChangeOrigin, 'address' | 'userAgent'>,
): AuditActor => ({
  actorId: userId,
  actorEmail: email,
  ipAddress: address,
  userAgent,
  source: 'provider',
})
