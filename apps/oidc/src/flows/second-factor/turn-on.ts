import { createRecoveryCodes, recoveryCodeDigest } from '@daytona-auth/accounts/recovery-codes'
import type { AuditedTx } from '@daytona-auth/db/audit'
import type { UserId } from '@daytona-auth/db/core'
import {
  type EndedUserAccess,
  endOtherUserAccess,
  endUserAccess,
  replaceRecoveryCodes,
  strengthenSession,
} from '@daytona-auth/db/users'
import { type Amr, acrOf } from '@daytona-auth/protocol/authentication-context'

/** The recovery codes of an account, shown once, and what is stored of them. */
export interface NewRecoveryCodes {
  readonly codes: readonly string[]
  readonly digests: readonly Uint8Array[]
}

export function newRecoveryCodes(userId: UserId): NewRecoveryCodes {
  const codes = createRecoveryCodes()
  return { codes, digests: codes.map((code) => recoveryCodeDigest(userId, code)) }
}

/** The methods of a session in which the user has just proven the password and a passkey. */
export const passkeyMethods = ({ isSynchronized }: { readonly isSynchronized: boolean }): readonly Amr[] => [
  isSynchronized ? 'swk' : 'hwk',
  'user',
  'mfa',
]

/**
 * Makes sign-ins of an account need the second factor that was just added: stores recovery codes, and ends every session and
 * grant that began without one. `sessionUid` is the session in which it was proven, which stays and states that.
 */
export async function turnOnTwoStepSignIn(
  tx: AuditedTx,
  userId: UserId,
  {
    sessionUid,
    digests,
    methods,
  }: {
    readonly sessionUid: string | undefined
    readonly digests: readonly Uint8Array[]
    readonly methods: readonly Amr[]
  },
): Promise<EndedUserAccess> {
  await replaceRecoveryCodes(tx, userId, digests)
  if (sessionUid === undefined) return endUserAccess(tx, userId, ADDED)
  await strengthenSession(tx, userId, sessionUid, { acr: acrOf(methods), amr: methods })
  return endOtherUserAccess(tx, userId, sessionUid, ADDED)
}

const ADDED = 'a second factor was added'
