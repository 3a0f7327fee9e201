import type { AuditedTx } from '../audit/entries.ts'
import type { UserId } from '../core/id.ts'
import {
  type AffectedOrganization,
  type DeletedAccount,
  deleteAccount,
  listAffectedOrganizations,
  lockWholeAccount,
} from './account-deletion.ts'
import { type CreatedUser, insertUser } from './users.ts'

/** The account that the holder of an address creates in place of another one. */
export interface TakingOver {
  readonly name: string
  readonly passwordHash: string
  /** The language of the page. */
  readonly language?: string | undefined
  /** Consumes the mailed token, the proof of the address. Returns false if it is not redeemable any more. */
  readonly redeem: (tx: AuditedTx, userId: UserId) => Promise<boolean>
}

/** `gone`, `verified` and `blocked` have changed nothing. */
export type Takeover =
  | {
      readonly outcome: 'taken-over'
      readonly created: CreatedUser
      readonly email: string
      readonly deletion: DeletedAccount
    }
  /** The token was redeemed, or the account was disabled or deleted. */
  | { readonly outcome: 'gone' }
  /** The account's address was verified: its owner is the holder of the address. */
  | { readonly outcome: 'verified' }
  /** An organization with other members would be left without an owner. */
  | { readonly outcome: 'blocked'; readonly organizations: readonly AffectedOrganization[] }

/**
 * Replaces an account whose address was never verified by a new one of the holder of that address. The previous account is
 * deleted with everything that it made, so that its creator keeps nothing: no session, grant, key, app or
 * organization. Nothing is transferred, because the holder cannot know what it contains.
 */
export async function takeOverAccount(
  tx: AuditedTx,
  userId: UserId,
  { name, passwordHash, language, redeem }: TakingOver,
): Promise<Takeover> {
  const account = await lockWholeAccount(tx, userId)
  if (!account || account.isDisabled) return { outcome: 'gone' }
  if (account.emailVerified) return { outcome: 'verified' }
  const blocked = (await listAffectedOrganizations(tx, userId)).filter(({ effect }) => effect === 'blocked')
  if (blocked.length > 0) return { outcome: 'blocked', organizations: blocked }
  if (!(await redeem(tx, userId))) return { outcome: 'gone' }

  const { email } = account
  const deleted = await deleteAccount(tx, userId, 'the holder of the address took over the account')
  if (deleted.outcome !== 'deleted') throw new Error(`a locked account was ${deleted.outcome}`)
  const created = await insertUser(tx, { name, email, passwordHash, language, emailVerified: true })
  if (!created) throw new Error('the address of a deleted account is taken')
  return { outcome: 'taken-over', created, email, deletion: deleted.deletion }
}
