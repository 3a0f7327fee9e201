/** The `acr` of tokens: how their user signed in (OIDC Core §2). A later value is a stronger sign-in. */
export const ACR = {
  /** With a password only. */
  password: 'urn:daytona:acr:password',
  /** With a password, in a browser in which a second factor was given within 30 days. */
  trustedBrowser: 'urn:daytona:acr:trusted-browser',
  /** With a password and a second factor, or with a passkey that verified its user. */
  multiFactor: 'urn:daytona:acr:mfa',
} as const

export type Acr = (typeof ACR)[keyof typeof ACR]

/** Lists every `acr`, the weakest first. */
export const acrValues = (): Acr[] => Object.values(ACR)

const METHODS = ['pwd', 'otp', 'mfa', 'hwk', 'swk', 'user'] as const

/**
 * The methods of a sign-in, by their names in RFC 8176: password, one-time code, several factors; of a passkey a key in
 * hardware or one that is synchronized, and the presence of the user.
 */
export type Amr = (typeof METHODS)[number]

export const isAmr = (value: unknown): value is Amr => METHODS.some((method) => method === value)

/** Returns the `acr` of a sign-in with these methods. */
export const acrOf = (methods: readonly Amr[]): Acr => (methods.includes('mfa') ? ACR.multiFactor : ACR.password)

/** Whether a sign-in is at least as strong as one of the requested values. Unknown values request nothing. */
export function satisfiesAcr(acr: string | undefined, requested: readonly string[]): boolean {
  const order: readonly string[] = acrValues()
  const known = requested.map((value) => order.indexOf(value)).filter((strength) => strength >= 0)
  return known.length === 0 || order.indexOf(acr ?? '') >= Math.min(...known)
}
