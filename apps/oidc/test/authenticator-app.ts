import { createRecoveryCodes, recoveryCodeDigest } from '@daytona-auth/accounts/recovery-codes'
import { createTotpSecret, totpUri } from '@daytona-auth/accounts/totp'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { insertTotpFactor, replaceRecoveryCodes } from '@daytona-auth/db/users'
import { createTotpSecrets } from '@daytona-auth/signing-keys/totp-secrets'
import { TOTP, URI } from 'otpauth'
import type { Person, TestProvider } from './fixture.ts'

/** An authenticator app that has read a QR code. */
export interface AuthenticatorApp {
  /** The code that it shows at an instant, in milliseconds since the epoch. */
  codeAt(instant: number): string
}

/** Reads the address of a QR code as an app does. */
export function readQrCode(uri: string): AuthenticatorApp {
  const totp = URI.parse(uri)
  if (!(totp instanceof TOTP)) throw new Error(`not for codes by time: ${uri}`)
  return { codeAt: (timestamp) => totp.generate({ timestamp }) }
}

/** Gives an account an authenticator app and recovery codes, without its pages. */
export async function addAuthenticatorApp(
  { database, secrets }: TestProvider,
  { userId, email }: Person,
): Promise<AuthenticatorApp & { readonly recoveryCodes: readonly string[] }> {
  const secret = createTotpSecret()
  const recoveryCodes = createRecoveryCodes()
  const encrypted = await createTotpSecrets([secrets.signingKeys]).encrypt(userId, secret)
  await inAudit(database, systemAuthority('test'), [], async (tx) => {
    await insertTotpFactor(tx, userId, { secret: encrypted, step: 0 })
    await replaceRecoveryCodes(
      tx,
      userId,
      recoveryCodes.map((code) => recoveryCodeDigest(userId, code)),
    )
  })
  return { ...readQrCode(totpUri(secret, { email, brand: 'Test', host: 'test' })), recoveryCodes }
}
