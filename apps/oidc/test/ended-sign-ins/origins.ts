import type { AuditedTx } from '@daytona-auth/db/audit'
import { deleteIdentityProvider } from '@daytona-auth/db/organizations'
import {
  deletePasskeys,
  deleteTotpFactor,
  deleteTrustedBrowser,
  endOtherUserAccess,
  endPendingSignIns,
  endUserAccess,
  listTrustedBrowsers,
  lockAccount,
  setAccountDisabled,
  unlinkOrganizationIdentity,
} from '@daytona-auth/db/users'
import { endAccessOfRemovedFactor } from '../../src/flows/factors/removed-factor.ts'
import type { TestClient } from '../fixture.ts'
import type { MadeSignIn, World } from './world.ts'

/** What a sign-in is made with, and the change that ends it. */
export interface Origin {
  signIn(client: TestClient): Promise<MadeSignIn>
  end(tx: AuditedTx, made: MadeSignIn): Promise<unknown>
}

/** Ends what a removed factor signed in, as the account page does in another session. */
const endOfFactor = (tx: AuditedTx, { userId }: MadeSignIn) =>
  endAccessOfRemovedFactor(tx, { viewer: { userId, sessionUid: 'another session' } } as Parameters<
    typeof endAccessOfRemovedFactor
  >[1])

/** Everything that a sign-in is made with, by its name. */
export function createOrigins(world: World): Record<string, Origin> {
  const { provider } = world
  const password = async (client: TestClient) => world.withPassword(client, await provider.person())
  return {
    'a password that is changed': {
      signIn: password,
      end: (tx, { userId }) => endOtherUserAccess(tx, userId, 'another session', 'the password was changed'),
    },
    'a password that recovery replaces': {
      signIn: password,
      end: (tx, { userId }) => endUserAccess(tx, userId, 'a new password was chosen'),
    },
    'an account that is disabled and enabled': {
      signIn: password,
      async end(tx, { userId }) {
        await setAccountDisabled(tx, userId, true, 'test')
        await setAccountDisabled(tx, userId, false, 'test')
      },
    },
    'a password, before every other session is ended': {
      signIn: password,
      end: (tx, { userId }) => endPendingSignIns(tx, userId),
    },
    'an authenticator app that is removed': {
      signIn: world.withAuthenticatorApp,
      async end(tx, made) {
        await deleteTotpFactor(tx, made.userId)
        await endOfFactor(tx, made)
      },
    },
    'a recovery code of a removed authenticator app': {
      signIn: world.withRecoveryCode,
      async end(tx, made) {
        await deleteTotpFactor(tx, made.userId)
        await endOfFactor(tx, made)
      },
    },
    'a passkey that is removed': {
      signIn: world.withPasskey,
      async end(tx, made) {
        await deletePasskeys(tx, made.userId)
        await endOfFactor(tx, made)
      },
    },
    'a browser whose trust ends': {
      signIn: world.inTrustedBrowser,
      async end(tx, { userId }) {
        for (const { digest } of await listTrustedBrowsers(tx, userId)) await deleteTrustedBrowser(tx, userId, digest)
      },
    },
    'an identity of an organization that is unlinked': {
      signIn: world.withOrganization,
      end: (tx, { userId, company }) => unlinkOrganizationIdentity(tx, userId, idOf(company), []),
    },
    'an identity provider that the organization removes': {
      signIn: world.withOrganization,
      end: (tx, { company }) => deleteIdentityProvider(tx, idOf(company)),
    },
  }
}

function idOf(company: MadeSignIn['company']) {
  if (!company) throw new Error('a sign-in with an organization has a company')
  return company.organizationId
}

/** Locks the account as every change of it does. */
export const lock = (tx: AuditedTx, { userId }: MadeSignIn) => lockAccount(tx, userId)
