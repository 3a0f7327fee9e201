import type { Database } from '@daytona-auth/db/core'
import { type EnabledAccount, findEnabledAccount, type SessionAccount } from '@daytona-auth/db/grants'
import type { Account, FindAccount } from 'oidc-provider'
import { profileOf } from '../policy/claims.ts'
import { requestContext } from '../request-context.ts'

/**
 * Finds the account of a session or token. Undefined for a disabled or removed user: then nothing is issued, refreshes
 * included. Usually the account was already read together with the artifact; it is cached for one request only.
 */
export function createAccountFinder(database: Database): FindAccount {
  return async (_ctx, sub) => {
    const state = requestContext()
    if (sub === state.deniedAccount) return undefined
    if (state.account?.id !== sub) state.account = await findEnabledAccount(database, sub)
    return state.account && toAccount(state.account)
  }
}

function toAccount(user: EnabledAccount | SessionAccount): Account {
  return {
    // Read by the policy for sign-ins: see `createLoginPolicy`. Only requests without a session do not have it.
    hasSecondFactor: 'hasSecondFactor' in user ? user.hasSecondFactor : undefined,
    accountId: user.id,
    // The library reduces these to the claims that the scopes allow.
    claims: () => ({ sub: user.id, ...profileOf(user), email: user.email, email_verified: user.emailVerified }),
  }
}
