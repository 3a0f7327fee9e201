import { type Database, type EnabledAccount, findEnabledAccount } from '@daytona-auth/db'
import type { Account, FindAccount } from 'oidc-provider'
import { profileOf } from '../policy/claims.ts'
import { requestState } from './request-state.ts'

/**
 * The person behind a session or token. Nobody when disabled or removed: then nothing is issued, a refresh included.
 * Mostly read already, together with what named it; never remembered beyond the request.
 */
export function accountFinder(database: Database): FindAccount {
  return async (_ctx, sub) => {
    const state = requestState()
    if (state.account?.id !== sub) state.account = await findEnabledAccount(database, sub)
    return state.account && toAccount(state.account)
  }
}

function toAccount(user: EnabledAccount): Account {
  return {
    accountId: user.id,
    // The library cuts this to what the scopes open.
    claims: () => ({ sub: user.id, ...profileOf(user), email: user.email, email_verified: user.emailVerified }),
  }
}
