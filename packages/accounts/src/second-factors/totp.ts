import { Secret, TOTP } from 'otpauth'

/** The parameters that every authenticator app supports (RFC 6238): SHA-1, six digits, 30 seconds. */
const PERIOD_SECONDS = 30
const DIGITS = 6

/** RFC 4226 §4: 160 bits. */
const SECRET_BYTES = 20

/** How many steps the clock of the app may be off in either direction (RFC 6238 §5.2). */
const WINDOW = 1

const CODE = /^\d{6}$/

/** Generates the secret that an authenticator app shares with this service, in base32. */
export const createTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/**
 * Returns the address that an authenticator app reads from a QR code. `brand` is the name of the
 * installation; `host` distinguishes those with the same name.
 */
export const totpUri = (
  secret: string,
  { email, brand, host }: { readonly email: string; readonly brand: string; readonly host: string },
): string =>
  new TOTP({ ...PARAMETERS, issuer: `${brand} (${host})`, label: email, secret: Secret.fromBase32(secret) }).toString()

/** Returns a code as the user may have typed it, without spaces; undefined if it cannot be a code of an app. */
export function readTotpCode(given: string): string | undefined {
  const code = given.replaceAll(/\s/g, '')
  return CODE.test(code) ? code : undefined
}

/**
 * Returns the number of the time step of a code, at `now` in milliseconds since the epoch; undefined for a wrong one. A code
 * must be accepted only if its step is later than the last accepted one (RFC 6238 §5.2).
 */
export function totpStepOf(secret: string, code: string, now: number): number | undefined {
  const totp = new TOTP({ ...PARAMETERS, secret: Secret.fromBase32(secret) })
  const delta = totp.validate({ token: code, timestamp: now, window: WINDOW })
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_SECONDS) + delta
}

const PARAMETERS = { algorithm: 'SHA1', digits: DIGITS, period: PERIOD_SECONDS }
