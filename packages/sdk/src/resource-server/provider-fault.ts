/**
 * The provider cannot be reached or its response is invalid, so a credential cannot be verified. The message is for the
 * operator of the resource server; neither it nor its cause contains a credential.
 */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault'
  /** Status of the response to the caller. */
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
