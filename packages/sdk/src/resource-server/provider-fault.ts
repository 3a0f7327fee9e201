/**
 * The provider could not be asked, or what it said makes no sense: nothing is known of the credential. The message is
 * for the operator of the resource server; there is no credential in it, nor in its cause.
 */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault'
  /** How the caller is answered. */
  readonly statusCode: 429 | 503
  readonly retryAfterSeconds: number

  constructor(
    message: string,
    options: ErrorOptions & { readonly statusCode?: 429 | 503; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, options)
    this.statusCode = options.statusCode ?? 503
    this.retryAfterSeconds = options.retryAfterSeconds ?? 1
  }
}
