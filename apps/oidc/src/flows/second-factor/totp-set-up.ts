import { createTotpSecret, totpUri } from '@daytona-auth/accounts/totp'
import { createJsonEncryption } from '@daytona-auth/signing-keys/encrypt-json'
import { renderSVG } from 'uqr'
import type { ProviderConfig } from '../../config.ts'

/** A secret that an account has not confirmed yet. */
interface SetUp {
  readonly purpose: string
  readonly secret: string
  readonly startedAt: number
}

/** A secret of a page, and its encryption for the form of the page. */
export interface StartedSetUp {
  readonly secret: string
  readonly encrypted: string
}

/**
 * Makes the secrets of pages that set up an authenticator app, each for one purpose: the session of an account, or an account
 * in an interaction. Nothing is stored until a code confirms one.
 */
export interface TotpSetUps {
  start(purpose: string): Promise<StartedSetUp>
  /** Returns the secret of a form; undefined if it is for another purpose, or too old. */
  open(purpose: string, encrypted: string): Promise<string | undefined>
}

/** How long the page may be open. */
const SET_UP_MS = 30 * 60 * 1000

export function createTotpSetUps(secrets: readonly [string, ...string[]], now: () => number): TotpSetUps {
  const encryption = createJsonEncryption<SetUp>(secrets, 'daytona-auth set-up of an authenticator app')
  return {
    async start(purpose) {
      const secret = createTotpSecret()
      return { secret, encrypted: await encryption.encrypt({ purpose, secret, startedAt: now() }) }
    },
    async open(purpose, encrypted) {
      const setUp = (await encryption.decrypt(encrypted))?.value
      return setUp?.purpose === purpose && now() - setUp.startedAt <= SET_UP_MS ? setUp.secret : undefined
    },
  }
}

/** Returns what the page of a set-up shows. */
export function showTotpSetUp(
  { secret, encrypted }: StartedSetUp,
  email: string,
  { BRAND_NAME: brand, ISSUER: issuer }: Pick<ProviderConfig, 'BRAND_NAME' | 'ISSUER'>,
) {
  const uri = totpUri(secret, { email, brand, host: new URL(issuer).host })
  return {
    setUp: encrypted,
    secret: secret.replaceAll(/.{4}(?!$)/g, '$& '),
    uri,
    qrCode: renderSVG(uri, { border: 3 }),
  }
}
