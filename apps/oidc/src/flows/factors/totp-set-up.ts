import { createTotpSecret } from '@daytona-auth/accounts/totp'
import type { UserId } from '@daytona-auth/db/core'
import { createJsonEncryption } from '@daytona-auth/signing-keys/encrypt-json'
import type { OpenAccount } from '../account/open-account.ts'

/** A secret that an account has not confirmed yet. */
interface SetUp {
  readonly userId: UserId
  readonly sessionUid: string
  readonly secret: string
  readonly startedAt: number
}

/** Makes the secrets of pages that set up an authenticator app. Nothing is stored until a code confirms one. */
export interface TotpSetUps {
  /** Starts with a new secret. Returns it, and its encryption for the form of the page. */
  start(open: OpenAccount): Promise<{ readonly secret: string; readonly encrypted: string }>
  /** Returns the secret of a form; undefined if it is of another account or session, or too old. */
  open(open: OpenAccount, encrypted: string): Promise<string | undefined>
}

/** How long the page may be open. */
const SET_UP_MS = 30 * 60 * 1000

export function createTotpSetUps(secrets: readonly [string, ...string[]], now: () => number): TotpSetUps {
  const encryption = createJsonEncryption<SetUp>(secrets, 'daytona-auth set-up of an authenticator app')
  return {
    async start({ viewer: { userId, sessionUid } }) {
      const secret = createTotpSecret()
      return { secret, encrypted: await encryption.encrypt({ userId, sessionUid, secret, startedAt: now() }) }
    },
    async open({ viewer }, encrypted) {
      const setUp = (await encryption.decrypt(encrypted))?.value
      const isOwn = setUp?.userId === viewer.userId && setUp.sessionUid === viewer.sessionUid
      return isOwn && now() - setUp.startedAt <= SET_UP_MS ? setUp.secret : undefined
    },
  }
}
